package tree

import "github.com/tandem-ws/tandem/signals"

// Node is one of [*Element], [Text], [Raw], [Group], [*Bound], [*Switch], [*For], [*Each]; nil is nothing.
type Node any

// Element is an element with what is in it.
type Element struct {
	Tag      string
	Attrs    []Attr
	Handlers []Handler
	Mounted  []func(element any)
	Children []Node
}

// Text is a text that does not change.
type Text string

// Raw is HTML that is written as it stands.
type Raw string

// Group is several nodes with nothing around them.
type Group []Node

// Bound is a text that is read.
type Bound struct {
	Get func(*signals.Reader) string
}

// Handler is called for events of a type. What it is given is a ui.Event.
type Handler struct {
	Type   string
	Handle func(event any)
}

// Switch shows what Build makes of a value, anew whenever it changes.
type Switch struct {
	Graph *signals.Graph
	Read  func(*signals.Reader) any // changes only when it is another value
	Build func(*signals.Scope, any) Node
}

// For is rows with keys.
type For struct {
	Graph *signals.Graph
	Read  func(*signals.Reader) Items
}

// Items is what a [For] shows at a time.
type Items interface {
	Len() int
	Key(i int) any
	// Row builds the row of an item. update gives it what the item has become.
	Row(s *signals.Scope, i int) (row Node, update func(items Items, i int))
}

// Each is rows that come at the end and go at the beginning.
type Each struct {
	Graph *signals.Graph
	Read  func(*signals.Reader) Log
}

// Log is what an [Each] shows at a time.
type Log interface {
	// Numbered gives the number of the first item and how many there are.
	Numbered() (first, n int)
	// Row builds the row of the item with a number.
	Row(s *signals.Scope, number int) Node
}

// Located reports whether a page that lives has to find the element again.
func (e *Element) Located() bool {
	if len(e.Mounted) > 0 || e.Sole() != nil {
		return true
	}
	for i := range e.Attrs {
		if e.Attrs[i].Get != nil || e.Attrs[i].Kind == Style {
			return true
		}
	}
	return false
}

// Sole is the text of an element that has nothing else in it, if it is a bound one.
func (e *Element) Sole() *Bound {
	if len(e.Children) != 1 {
		return nil
	}
	b, _ := e.Children[0].(*Bound)
	return b
}

// Heard reports whether an element has something to do with events.
func (e *Element) Heard() bool {
	if len(e.Handlers) > 0 {
		return true
	}
	for i := range e.Attrs {
		if e.Attrs[i].Set != nil {
			return true
		}
	}
	return false
}

// Row is a node as the row of a list, which is one element.
func Row(n Node) *Element {
	e, ok := n.(*Element)
	if !ok {
		panic("ui: the row of a list is one element: put it into one")
	}
	return e
}
