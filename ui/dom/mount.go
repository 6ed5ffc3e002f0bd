//go:build js

package dom

import (
	"errors"
	"syscall/js"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Options are for a page. A nil *Options means the defaults.
type Options struct {
	// Graph is what the page's signals belong to. Default: one of NewGraph(OnPanic).
	Graph *signals.Graph
	// OnPanic is told of panics of event handlers, and of components in lists and branches, after they were written to the
	// console. Those of effects are the Graph's. Default: nobody else is told.
	OnPanic func(*signals.PanicError)
}

// Mount puts a component in place of what is in the element that a CSS selector finds first. Unmounting ends the component's
// scope, leaves nothing of it in the page and releases all that JavaScript holds of it; doing so again does nothing.
//
// It is an error if there is no such element, if another mounted component is in it or around it, and if the component panics
// or builds what HTML cannot have, such as a form in a form.
func Mount(selector string, page ui.Component, o *Options) (unmount func(), err error) {
	return mountIn(selector, page, o, false)
}

// Hydrate is Mount in an element that has the component in it already, as html.Hydratable has written it on the server. Its
// nodes are kept, and what somebody has entered meanwhile is written to the signals of the fields. If the component is not
// the same here as it was there, it is put in place of that.
func Hydrate(selector string, page ui.Component, o *Options) (unmount func(), err error) {
	return mountIn(selector, page, o, true)
}

// ErrElement is returned when there is no element to mount in, or not one that can be had.
var ErrElement = errors.New("dom: no element to mount in")

// ErrHTML is what building a page panics with, or returns, when a browser makes other elements of it than were built: one of
// them is in another where HTML does not allow it, or raw HTML is not complete in itself.
var ErrHTML = errors.New("dom: the browser has not made of the HTML what was built; is one element in another that cannot hold it?")

// markRoot is the attribute of the element that a component is mounted in.
const markRoot = "data-ui-root"

// mount is a mounted component.
type mount struct {
	root     js.Value
	document js.Value
	template js.Value // for reading HTML
	scope    *signals.Scope
	onPanic  func(*signals.PanicError)

	next   int                       // number of the next element with event handlers
	heard  map[string][]tree.Handler // of the elements with these numbers
	events map[string]js.Func        // listeners by type of event
	late   []func()                  // to be done when the handlers of the present event have been called
}

func mountIn(selector string, page ui.Component, o *Options, hydrate bool) (unmount func(), err error) {
	if o == nil {
		o = &Options{}
	}
	m := &mount{
		document: js.Global().Get("document"), onPanic: o.OnPanic,
		heard: map[string][]tree.Handler{}, events: map[string]js.Func{},
	}
	m.root = m.document.Call("querySelector", selector)
	const other = "[" + markRoot + "]"
	if m.root.IsNull() || !m.root.Call("closest", other).IsNull() || !m.root.Call("querySelector", other).IsNull() {
		return nil, ErrElement
	}
	m.template = m.document.Call("createElement", "template")
	graph := o.Graph
	if graph == nil {
		graph = NewGraph(o.OnPanic)
	}
	m.scope = signals.NewScope(graph)
	m.root.Call("setAttribute", markRoot, "")
	defer func() {
		if v := recover(); v != nil {
			m.unmount()
			unmount, err = nil, signals.Recovered(v)
		}
	}()
	graph.Batch(func() { m.show(page, hydrate) })
	return m.unmount, nil
}

// show writes the page for the first time.
func (m *mount) show(page ui.Component, hydrate bool) {
	p := m.piece(m.scope, m.root.Get("namespaceURI").String() == svgSpace)
	p.w.Node(page(m.scope).Tree())
	if !hydrate || !p.hydrate() {
		m.root.Set("innerHTML", string(p.w.Buf))
		if !p.locate(m.root) {
			panic(ErrHTML)
		}
	}
	p.run()
}

func (m *mount) unmount() {
	if m.scope.Disposed() {
		return
	}
	m.scope.Dispose()
	for _, f := range m.events {
		release(f)
	}
	m.root.Call("removeAttribute", markRoot)
	m.root.Call("replaceChildren")
}
