package tree

import (
	"strconv"
	"strings"

	"github.com/tandem-ws/tandem/signals"
)

// Marks of what is to be found again: an element to which something is bound, a place between nodes, and the number of an
// element's event handlers.
const (
	MarkElement = "data-ui"
	MarkEvents  = "data-on"
	MarkComment = "ui"
)

const comment = "<!--" + MarkComment + "-->"

// Writer writes the HTML of a page as it is at present.
type Writer struct {
	Buf   []byte
	Marks bool // write marks; no styles, which a content security policy may forbid
	Next  *int // number of the next element with event handlers; needed for marks
	Live  Live // is told of what changes; nil if nobody wants to know

	svg      bool    // inside of an svg element
	swallow  bool    // a newline that comes next would be lost
	selected *string // the value of the select element around
}

// Live is who keeps a page up to date. It is called in the order in which the marks are written. Its Writer has Marks.
type Live interface {
	// Element is called for an element that is marked, before its attributes and what is in it.
	Element(e *Element)
	// Events is called for an element with event handlers, behind Element.
	Events(e *Element, number int)
	// Attr is called for an attribute of the element that may change, or has to be set by program, and gives its value.
	Attr(a *Attr) (value string, on bool)
	// Sole is called for a text that is all there is in the element, and gives its value.
	Sole(b *Bound) string
	// Comment is called for a mark that is a comment.
	Comment()
	// Text is called for a text behind the last comment, and gives its value.
	Text(b *Bound) string
	// Raw is called for HTML that was made by others.
	Raw(html string)
	// Switch, For and Each write what is there at present.
	Switch(s *Switch)
	For(f *For)
	Each(e *Each)
}

// Attempt remembers what has been written, and gives a function that goes back to that.
func (w *Writer) Attempt() (undo func()) {
	saved := *w
	return func() {
		buf := w.Buf[:len(saved.Buf)]
		*w = saved
		w.Buf = buf
	}
}

// SVG reports whether what is written is inside of an svg element.
func (w *Writer) SVG() bool { return w.svg }

// InSVG has the writer begin inside of an svg element, or not.
func (w *Writer) InSVG(svg bool) { w.svg = svg }

// Node writes a node.
func (w *Writer) Node(n Node) {
	switch n := n.(type) {
	case nil:
	case *Element:
		w.Element(n, false)
	case Text:
		w.text(string(n))
	case Raw:
		w.raw(string(n))
	case Group:
		w.children(n)
	case *Bound:
		w.Comment()
		if w.Live != nil {
			w.text(w.Live.Text(n))
		} else {
			w.text(n.Get(nil))
		}
	case *Switch:
		w.change(n)
	case *For:
		w.list(n)
	case *Each:
		w.each(n)
	}
}

// Comment writes a mark between nodes.
func (w *Writer) Comment() {
	if !w.Marks {
		return
	}
	w.swallow = false
	w.Buf = append(w.Buf, comment...)
	if w.Live != nil {
		w.Live.Comment()
	}
}

func (w *Writer) children(list []Node) {
	for i, n := range list {
		w.Node(n)
		if _, bound := n.(*Bound); bound && i+1 < len(list) {
			switch list[i+1].(type) {
			case Text, Raw: // a browser would make one text of both
				w.Comment()
			}
		}
	}
}

func (w *Writer) text(s string) {
	if s == "" {
		return
	}
	if w.swallow && s[0] == '\n' {
		w.Buf = append(w.Buf, '\n')
	}
	w.swallow = false
	w.Buf = AppendText(w.Buf, s)
}

func (w *Writer) raw(html string) {
	w.swallow = false
	if w.Marks {
		text := lower(html)
		if strings.Contains(text, MarkElement) || strings.Contains(text, MarkEvents) || strings.Contains(text, comment) {
			panic("ui: raw HTML has what ui itself uses: " + MarkElement + ", " + MarkEvents + " or " + comment)
		}
	}
	if w.Live != nil {
		w.Live.Raw(html)
	}
	w.Buf = append(w.Buf, html...)
}

// Element writes an element, which is marked if it is located.
func (w *Writer) Element(e *Element, located bool) {
	w.swallow = false
	w.Buf = append(append(w.Buf, '<'), e.Tag...)
	if w.Marks && (located || e.Located()) {
		w.Buf = append(w.Buf, " "+MarkElement...)
		if w.Live != nil {
			w.Live.Element(e)
		}
	}
	if w.Marks && e.Heard() {
		w.Buf = append(strconv.AppendInt(append(w.Buf, " "+MarkEvents+`="`...), int64(*w.Next), 10), '"')
		if w.Live != nil {
			w.Live.Events(e, *w.Next)
		}
		*w.Next++
	}
	value := w.attrs(e)
	if e.Tag == "option" {
		w.option(e)
	}
	w.Buf = append(w.Buf, '>')
	if void(e.Tag) {
		return
	}
	svg, selected := w.svg, w.selected
	switch e.Tag {
	case "svg":
		w.svg = true
	case "foreignObject":
		w.svg = false
	case "select":
		w.selected = value
	}
	w.swallow = swallows(e.Tag)
	switch sole := e.Sole(); {
	case e.Tag == "textarea" && value != nil:
		w.text(*value)
	case sole != nil && w.Live != nil:
		w.text(w.Live.Sole(sole))
	case sole != nil:
		w.text(sole.Get(nil))
	default:
		w.children(e.Children)
	}
	w.svg, w.selected, w.swallow = svg, selected, false
	w.Buf = append(append(append(w.Buf, "</"...), e.Tag...), '>')
}

// attrs writes the attributes. It returns the value of elements that have theirs elsewhere.
func (w *Writer) attrs(e *Element) (value *string) {
	var classes, styles []byte
	for i := range e.Attrs {
		a := &e.Attrs[i]
		v, on := w.attr(a)
		if !on {
			continue
		}
		switch {
		case a.Kind == Class:
			classes = append(append(classes, ' '), a.Name...)
		case a.Kind == Style:
			if v = a.Clean(v); v != "" && !w.Marks {
				styles = append(append(append(append(append(styles, ' '), a.Name...), ": "...), v...), ';')
			}
		case a.Name == "value" && (e.Tag == "textarea" || e.Tag == "select"):
			value = &v
		default:
			w.Buf = append(append(w.Buf, ' '), a.Name...)
			if !a.Flag {
				w.value(a.Clean(v))
			}
		}
	}
	if classes != nil {
		w.Buf = append(w.Buf, " class"...)
		w.value(string(classes[1:]))
	}
	if styles != nil {
		w.Buf = append(w.Buf, " style"...)
		w.value(string(styles[1:]))
	}
	return value
}

func (w *Writer) attr(a *Attr) (value string, on bool) {
	switch {
	case w.Live != nil && (a.Get != nil || a.Kind == Style):
		return w.Live.Attr(a)
	case a.Get != nil:
		return a.Get(nil)
	}
	return a.Value, true
}

func (w *Writer) value(v string) {
	w.Buf = append(AppendValue(append(w.Buf, `="`...), v), '"')
}

// option selects an option whose value the select element around has.
func (w *Writer) option(e *Element) {
	if w.selected == nil {
		return
	}
	for i := range e.Attrs {
		if a := &e.Attrs[i]; a.Kind == Plain && a.Name == "value" && a.Get == nil {
			if a.Value == *w.selected {
				w.Buf = append(w.Buf, " selected"...)
			}
			return
		}
	}
	if len(e.Children) == 1 && e.Children[0] == Text(*w.selected) {
		w.Buf = append(w.Buf, " selected"...)
	}
}

func (w *Writer) change(s *Switch) {
	w.Comment()
	if w.Live != nil {
		w.Live.Switch(s)
	} else {
		scope := signals.NewScope(s.Graph)
		defer scope.Dispose()
		w.Node(s.Build(scope, s.Read(nil)))
	}
	w.Comment()
}

func (w *Writer) list(f *For) {
	if w.Live != nil {
		w.Live.For(f)
	} else {
		scope := signals.NewScope(f.Graph)
		defer scope.Dispose()
		items := f.Read(nil)
		for i := range items.Len() {
			row, _ := items.Row(scope, i)
			w.Element(Row(row), true)
		}
	}
	w.Comment()
}

func (w *Writer) each(e *Each) {
	w.Comment()
	if w.Live != nil {
		w.Live.Each(e)
	} else {
		scope := signals.NewScope(e.Graph)
		defer scope.Dispose()
		log := e.Read(nil)
		first, n := log.Numbered()
		for i := range n {
			w.Element(Row(log.Row(scope, first+i)), false)
		}
	}
	w.Comment()
}
