package typescript

import (
	"slices"
	"strings"

	"github.com/tandem-ws/tandem/internal/schema"
)

// declare writes the type with a name.
func (p *printer) declare(n *schema.Named) {
	name := p.types[n.ID]
	if len(n.Values) > 0 {
		p.values(name, n)
		return
	}
	fields := n.Type.Fields
	if n.Params {
		fields = sent(fields)
	}
	p.comment("", n.Docs)
	switch {
	case n.Type.Kind == schema.Struct && len(fields) > 0:
		p.f("export interface %s {\n", name)
		p.properties("  ", fields)
		p.f("}\n\n")
	case n.Type.Kind == schema.Union:
		p.f("export type %s =%s;\n\n", name, p.union(n.Type))
		p.companion(name, n.Type)
	default:
		p.alias = true
		p.f("export type %s = %s;\n\n", name, p.typ(n.Type, ""))
		p.alias = false
	}
}

// values writes the constants of a type, and the type they make up if there are no others.
func (p *printer) values(name string, n *schema.Named) {
	p.comment("", n.Docs)
	if n.Closed {
		p.f("export type %s = (typeof %s)[keyof typeof %s];\n\n", name, name, name)
	} else {
		p.f("export type %s = %s;\n\n", name, p.typ(n.Type, ""))
	}
	which := "."
	if !n.Closed {
		which = " that have names."
	}
	p.comment("", schema.Docs{Doc: "The values of [" + n.Name + "]" + which})
	p.f("export const %s = {\n", name)
	for _, v := range n.Values {
		text := v.Text
		if n.Type.Kind == schema.String {
			text = quote(text)
		}
		p.comment("  ", v.Docs)
		p.f("  %s: %s,\n", key(v.Name), text)
	}
	p.f("} as const;\n\n")
}

func (p *printer) properties(indent string, fields []schema.Field) {
	for i, f := range fields {
		if i > 0 && (f.Doc != "" || f.Deprecated != "") {
			p.f("\n")
		}
		p.comment(indent, f.Docs, p.unit(f))
		optional := ""
		if f.Optional {
			optional = "?"
		}
		p.f("%s%s%s: %s;\n", indent, key(f.Name), optional, p.typ(present(f), indent))
	}
}

// unit says what a number or text means where the type does not.
func (p *printer) unit(f schema.Field) string {
	t := present(f)
	if t.Kind == schema.Option {
		t = t.Elem
	}
	switch {
	case t.Kind == schema.Duration && t.Bits == 0:
		return "A duration such as 1m30s."
	case t.Kind == schema.Duration && !strings.Contains(strings.ToLower(f.Doc), "nanosecond"):
		return "In nanoseconds."
	case t.Kind == schema.Time && !p.opts.Date && !strings.Contains(f.Doc, "RFC 3339"):
		return "A time as in RFC 3339: 2006-01-02T15:04:05Z."
	}
	return ""
}

// present gives the type of a field that is there: what is left out is never null.
func present(f schema.Field) *schema.Type {
	if f.Optional && f.Type.Kind == schema.Option {
		return f.Type.Elem
	}
	return f.Type
}

// typ writes a type.
func (p *printer) typ(t *schema.Type, indent string) string {
	switch t.Kind {
	case schema.Ref:
		return p.types[t.Ref]
	case schema.Bool:
		return "boolean"
	case schema.Int, schema.Big, schema.Duration:
		switch {
		case t.Exact:
			return "bigint"
		case t.Bits == 0:
			return "string" // a duration among the parameters
		}
		return "number"
	case schema.Float:
		return "number"
	case schema.Time:
		if p.opts.Date {
			return "Date"
		}
		return "string"
	case schema.String:
		return "string"
	case schema.Bytes, schema.ByteList:
		return "Uint8Array"
	case schema.List:
		return p.list(t.Elem, indent)
	case schema.Array:
		if t.Len > maxTuple {
			return p.list(t.Elem, indent)
		}
		return "[" + strings.Join(slices.Repeat([]string{p.typ(t.Elem, indent)}, t.Len), ", ") + "]"
	case schema.Map:
		return p.mapping(t, indent)
	case schema.Struct:
		return p.object(t, indent)
	case schema.Tuple:
		return p.tuple(t, indent)
	case schema.Option:
		inner := p.typ(t.Elem, indent)
		if strings.HasSuffix(inner, "| null") {
			return inner
		}
		return inner + " | null"
	case schema.Union:
		return p.union(t)
	default:
		return "unknown"
	}
}

// maxTuple is how long an array may be that is written element by element: colours, points, matrices of two by two.
const maxTuple = 8

func (p *printer) list(elem *schema.Type, indent string) string {
	inner := p.typ(elem, indent)
	if strings.Contains(inner, " | ") && !strings.HasPrefix(inner, "{") {
		return "(" + inner + ")[]"
	}
	return inner + "[]"
}

func (p *printer) mapping(t *schema.Type, indent string) string {
	k, elem := p.doc.Resolve(t.Key), p.typ(t.Elem, indent)
	switch {
	case t.Key.Kind == schema.Ref && p.doc.Named(t.Key.Ref).Closed && k.Kind == schema.String:
		return "Partial<Record<" + p.types[t.Key.Ref] + ", " + elem + ">>"
	case !textKey(k):
		return "Map<" + p.typ(t.Key, indent) + ", " + elem + ">"
	case p.alias:
		return "{ [key: string]: " + elem + " }"
	}
	return "Record<string, " + elem + ">"
}

func textKey(k *schema.Type) bool { return k.Kind == schema.String || k.Kind == schema.Time }

func (p *printer) object(t *schema.Type, indent string) string {
	if len(t.Fields) == 0 {
		if p.alias {
			return "{ [key: string]: never }"
		}
		return "Record<string, never>"
	}
	outer := p.take()
	p.f("{\n")
	p.properties(indent+"  ", t.Fields)
	p.f("%s}", indent)
	s := p.take()
	p.f("%s", outer)
	return s
}

func (p *printer) tuple(t *schema.Type, indent string) string {
	elems := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		elems[i] = lower(f.GoName) + ": " + p.typ(f.Type, indent)
	}
	return "[" + strings.Join(elems, ", ") + "]"
}
