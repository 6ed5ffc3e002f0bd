package schema

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Source tells what the source says. Declarations are named "import/path.Name".
type Source interface {
	// Package gives the comment of the package that is described.
	Package() string
	// Var gives the comment of one of its variables.
	Var(name string) string
	// Type gives the comment of a type.
	Type(decl string) string
	// Field gives the comment of a struct's field.
	Field(decl, goName string) string
	// Constants gives the exported constants of a type in the order of the source.
	Constants(decl string) []Constant
}

// Constant is a constant in the source.
type Constant struct {
	Name, Doc string
	Text      string // the text itself, or the digits
}

// Annotate adds what the source says: comments, deprecations, constants.
//
// Constants of a type that is text or an integer are its values. There are no others (Closed) if there are two at least,
// and integers follow each other as those of iota do; flags, which are combined, and limits do not.
func (d *Document) Annotate(s Source) {
	d.Doc = s.Package()
	for _, e := range d.Endpoints {
		e.Docs = split(s.Var(e.Name))
	}
	for _, n := range d.Types {
		if n.Decl != "" {
			n.Docs = split(s.Type(n.Decl))
		}
		annotate(n.Type, s)
		if (n.Type.Kind == String || n.Type.Kind == Int) && n.Decl != "" {
			n.Values = values(n, s.Constants(n.Decl))
			n.Closed = closed(n)
		}
	}
	for _, e := range d.Endpoints {
		annotate(e.In, s)
		annotate(e.Out, s)
	}
}

func annotate(t *Type, s Source) {
	if t == nil {
		return
	}
	annotate(t.Elem, s)
	annotate(t.Key, s)
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Owner != "" {
			f.Docs = split(s.Field(f.Owner, f.GoName))
		}
		annotate(f.Type, s)
	}
	for i := range t.Variants {
		v := &t.Variants[i]
		if v.Decl != "" {
			v.Docs = split(s.Type(v.Decl))
		}
		annotate(v.Type, s)
	}
}

// values names the constants of a type: without the type's name, which many have in front.
func values(n *Named, constants []Constant) []Value {
	_, base, _ := cutLast(n.Decl, ".")
	short := true
	for _, c := range constants {
		rest, ok := strings.CutPrefix(c.Name, base)
		short = short && ok && rest != "" && rest == capital(rest) && !strings.ContainsAny(rest[:1], "0123456789")
	}
	var out []Value
	for _, c := range constants {
		v := Value{Name: c.Name, Docs: split(c.Doc), Text: c.Text}
		if short {
			v.Name = strings.TrimPrefix(c.Name, base)
		}
		out = append(out, v)
	}
	return out
}

func closed(n *Named) bool {
	if len(n.Values) < 2 {
		return false
	}
	if n.Type.Kind == String {
		return true
	}
	var all []int64
	for _, v := range n.Values {
		i, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil || i > math.MaxInt32 || i < math.MinInt32 {
			return false
		}
		all = append(all, i)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return len(all) > 1 && all[len(all)-1]-all[0] == int64(len(all)-1)
}

// split takes the deprecation out of a comment.
func split(doc string) Docs {
	var d Docs
	var rest []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(doc), "\n\n") {
		if text, ok := strings.CutPrefix(paragraph, "Deprecated: "); ok && d.Deprecated == "" {
			d.Deprecated = strings.Join(strings.Fields(text), " ")
			continue
		}
		rest = append(rest, paragraph)
	}
	d.Doc = strings.Join(rest, "\n\n")
	return d
}
