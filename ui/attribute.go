package ui

import (
	"strings"

	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Attribute is what an element has: an attribute, a class, a style property. Of two with the same name the later one counts;
// classes add up.
type Attribute struct{ attrs []tree.Attr }

// TrustedURL is an address that the program vouches for: it is not checked. See [URLAttr].
type TrustedURL string

// Address is what the attributes take that have addresses in them.
type Address interface{ string | TrustedURL }

// If is the attribute as long as a condition holds, and none else.
func (a Attribute) If(cond signals.Readable[bool]) Binding {
	b := Binding{make([]tree.Attr, len(a.attrs))}
	for i, attr := range a.attrs {
		value := attr.Value
		attr.Get = func(r *signals.Reader) (string, bool) { return value, cond.Get(r) }
		b.attrs[i] = attr
	}
	return b
}

// Attr is any attribute. The name must be one that is not better said otherwise: event handlers are for [On], style is for
// [Style], class for [Class]. The value of an attribute that has an address in it is checked, as that of [URLAttr].
func Attr(name, value string) Attribute {
	tree.CheckAttr(name)
	return one(tree.Attr{Name: name, Value: value})
}

// Flag is an attribute whose name says it all, such as hidden.
func Flag(name string) Attribute {
	tree.CheckAttr(name)
	return one(tree.Attr{Name: name, Flag: true})
}

// URLAttr is an attribute that has an address in it, such as poster. An address that is a string may be relative, or have
// one of the schemes http, https, mailto, tel, ws and wss. Any other, javascript: and data: among them, is replaced by
// about:invalid; if the program made it, it can say so with the type [TrustedURL].
func URLAttr[U Address](name string, url U) Attribute {
	tree.CheckAttr(name)
	_, trusted := any(url).(TrustedURL)
	return one(tree.Attr{Name: name, Value: string(url), Trusted: trusted})
}

// Href is where a link leads. The address is checked, see [URLAttr].
func Href[U Address](url U) Attribute { return URLAttr("href", url) }

// Src is where an image or another file is. The address is checked, see [URLAttr].
func Src[U Address](url U) Attribute { return URLAttr("src", url) }

// Class is one or several classes, with blanks between.
func Class(names string) Attribute {
	var a Attribute
	for _, name := range strings.FieldsFunc(names, blank) {
		a.attrs = append(a.attrs, tree.Attr{Kind: tree.Class, Name: name})
	}
	return a
}

// Style is a style property, such as width or --accent. In a page it is set by program, which every content security policy
// allows; in the text of package html it is a style attribute. A value that could be more than one property or that loads
// something, with one of ;{}<>"'\@! or a url() in it, is left out.
func Style(property, value string) Attribute {
	tree.CheckStyle(property)
	return one(tree.Attr{Kind: tree.Style, Name: property, Value: value})
}

// ID is the element's own name in the page.
func ID(id string) Attribute { return Attr("id", id) }

// Data is an attribute of the program's, data-name.
func Data(name, value string) Attribute { return Attr("data-"+name, value) }

// TestID is by what tests find the element, data-testid.
func TestID(id string) Attribute { return Attr("data-testid", id) }

// Aria is an attribute for assistive programs, aria-name.
func Aria(name, value string) Attribute { return Attr("aria-"+name, value) }

// Role is what the element is for assistive programs.
func Role(role string) Attribute { return Attr("role", role) }

// Title is what is shown when somebody points at the element.
func Title(text string) Attribute { return Attr("title", text) }

// Alt is what there is instead of an image.
func Alt(text string) Attribute { return Attr("alt", text) }

// Placeholder is what an empty field shows.
func Placeholder(text string) Attribute { return Attr("placeholder", text) }

// Type is the type of a field or button.
func Type(name string) Attribute { return Attr("type", name) }

// Name is the name of a field.
func Name(name string) Attribute { return Attr("name", name) }

// Value is what a field has in the beginning; see also [BindValue].
func Value(value string) Attribute { return Attr("value", value) }

// ForID is the field that a label belongs to, by its [ID].
func ForID(id string) Attribute { return Attr("for", id) }

// Checked is that a box is ticked in the beginning; see also [BindChecked].
func Checked() Attribute { return Flag("checked") }

// Selected is that an option is chosen in the beginning.
func Selected() Attribute { return Flag("selected") }

// Disabled is that nobody can use a field or button.
func Disabled() Attribute { return Flag("disabled") }

// Required is that a field must not be left empty.
func Required() Attribute { return Flag("required") }

// Hidden is that the element is not shown.
func Hidden() Attribute { return Flag("hidden") }

func one(a tree.Attr) Attribute { return Attribute{[]tree.Attr{a}} }

// blank reports what stands between classes. strings.Fields knows the blanks of all scripts, which a browser would have to
// download.
func blank(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }
