//go:build js && browser

package dom_test

import (
	"maps"
	"regexp"
	"strings"
	"syscall/js"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/dom"
)

var document = js.Global().Get("document")

// page is a component in a page of its own.
type page struct {
	t       testing.TB
	g       *signals.Graph
	root    js.Value
	unmount func()
	panics  []string
}

// newPage makes an empty element #app, and a graph. Both go with the test, which must leave no function behind.
func newPage(t testing.TB) *page {
	t.Helper()
	p := &page{t: t, root: document.Call("createElement", "div")}
	p.root.Set("id", "app")
	document.Get("body").Call("append", p.root)
	p.g = dom.NewGraph(p.onPanic)
	t.Cleanup(func() {
		if p.unmount != nil {
			p.unmount()
			assert.Equal(t, p.root.Get("innerHTML").String(), "", "left in the page")
		}
		p.root.Call("remove")
		assert.Equal(t, dom.Funcs(), 0, "functions that JavaScript holds")
	})
	return p
}

func (p *page) onPanic(e *signals.PanicError) { p.panics = append(p.panics, e.Error()) }

// mount mounts a component in #app.
func mount(t testing.TB, component func(p *page, s *signals.Scope) ui.Node) *page {
	t.Helper()
	p := newPage(t)
	p.mount(func(s *signals.Scope) ui.Node { return component(p, s) })
	return p
}

func (p *page) mount(component ui.Component) {
	p.t.Helper()
	unmount, err := dom.Mount("#app", component, &dom.Options{Graph: p.g, OnPanic: p.onPanic})
	assert.NoError(p.t, err)
	p.unmount = unmount
}

var marks = regexp.MustCompile(`<!--ui-->| data-ui=""| data-on="\d+"`)

// html is the page without marks.
func (p *page) html() string { return marks.ReplaceAllString(p.root.Get("innerHTML").String(), "") }

// want checks what is in the page, when the effects have run.
func (p *page) want(html string, context ...any) {
	p.t.Helper()
	p.g.Flush()
	assert.Equal(p.t, p.html(), html, context...)
}

func (p *page) find(selector string) js.Value {
	p.t.Helper()
	found := p.root.Call("querySelector", selector)
	assert.True(p.t, !found.IsNull(), "there is %s in %s", selector, p.html())
	return found
}

func (p *page) all(selector string) []js.Value {
	found := p.root.Call("querySelectorAll", selector)
	list := make([]js.Value, found.Length())
	for i := range list {
		list[i] = found.Index(i)
	}
	return list
}

func (p *page) click(selector string) {
	p.t.Helper()
	p.find(selector).Call("click")
}

// fire has an event happen to an element, and reports whether the browser may do what it does for such an event.
func fire(on js.Value, class, kind string, init map[string]any) bool {
	all := map[string]any{"bubbles": true, "cancelable": true}
	maps.Copy(all, init)
	return on.Call("dispatchEvent", js.Global().Get(class).New(kind, all)).Bool()
}

// enter is what happens when somebody changes what is in a field.
func enter(field js.Value, value string) {
	field.Set("value", value)
	fire(field, "InputEvent", "input", nil)
}

// await waits until JavaScript calls the function that it gives to begin.
func await(begin func(done js.Func)) {
	called := make(chan struct{})
	done := js.FuncOf(func(js.Value, []js.Value) any {
		close(called)
		return nil
	})
	defer done.Release()
	begin(done)
	<-called
}

// changes is how many nodes are added, removed, and written to while f runs.
func changes(t testing.TB, in js.Value, f func()) (added, removed, written int) {
	t.Helper()
	callback := js.FuncOf(func(js.Value, []js.Value) any { return nil })
	defer callback.Release()
	observer := js.Global().Get("MutationObserver").New(callback)
	observer.Call("observe", in, map[string]any{"subtree": true, "childList": true, "characterData": true, "attributes": true})
	f()
	records := observer.Call("takeRecords")
	observer.Call("disconnect")
	for i := range records.Length() {
		r := records.Index(i)
		if r.Get("type").String() != "childList" {
			written++
		}
		added += r.Get("addedNodes").Length()
		removed += r.Get("removedNodes").Length()
	}
	return added, removed, written
}

func join(list []js.Value, property string) string {
	var texts []string
	for _, v := range list {
		texts = append(texts, v.Get(property).String())
	}
	return strings.Join(texts, ",")
}
