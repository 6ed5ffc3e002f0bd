package typescript

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-ws/tandem/internal/schema"
)

const (
	writing = 1 // a type's constant is on its way to the file
	written = 2
)

// wire says how a type travels. What it refers to has been written before, or is asked for when it is needed.
func (p *printer) wire(t *schema.Type, indent string) string {
	switch t.Kind {
	case schema.Ref:
		return p.wireRef(t, indent)
	case schema.Bool:
		return "t.boolean"
	case schema.Int:
		return integer(t)
	case schema.Duration:
		if t.Bits == 0 {
			return "t.string"
		}
		return integer(t)
	case schema.Big:
		return "t.bigint"
	case schema.Float:
		return "t.float" + strconv.Itoa(t.Bits)
	case schema.String:
		return "t.string"
	case schema.Time:
		if p.opts.Date {
			return "t.date"
		}
		return "t.time"
	case schema.Bytes, schema.ByteList:
		length := ""
		if t.Len >= 0 {
			length = strconv.Itoa(t.Len)
		}
		return "t." + string(t.Kind) + "(" + length + ")"
	case schema.List:
		return "t.list(" + p.wire(t.Elem, indent) + ")"
	case schema.Array:
		if t.Len > maxTuple {
			return "t.array(" + p.wire(t.Elem, indent) + ", " + strconv.Itoa(t.Len) + ")"
		}
		return "t.tuple(" + strings.Join(slices.Repeat([]string{p.wire(t.Elem, indent)}, t.Len), ", ") + ")"
	case schema.Map:
		return p.wireMap(t, indent)
	case schema.Struct:
		return p.wireStruct(p.typ(t, indent), t.Fields, indent)
	case schema.Tuple:
		return p.wireTuple(t, indent)
	case schema.Option:
		inner := p.wire(t.Elem, indent)
		if strings.HasPrefix(inner, "t.nullable(") {
			return inner
		}
		return "t.nullable(" + inner + ")"
	default:
		return "t.unknown"
	}
}

func integer(t *schema.Type) string {
	name := "int"
	if t.Unsigned {
		name = "uint"
	}
	if t.Exact {
		return "t.big" + strings.ToUpper(name[:1]) + name[1:] + strconv.Itoa(t.Bits)
	}
	return "t." + name + strconv.Itoa(t.Bits)
}

func (p *printer) wireRef(t *schema.Type, indent string) string {
	n := p.doc.Named(t.Ref)
	if !composite(n.Type) {
		w := p.wire(n.Type, indent)
		if n.Closed {
			return "t.valuesOf<" + p.types[t.Ref] + ">(" + w + ")"
		}
		return w
	}
	name := p.wires[t.Ref]
	switch p.state[t.Ref] {
	case writing:
		p.lazy[t.Ref] = true
		return "t.lazy(() => " + name + ")"
	case written:
		return name
	}
	p.state[t.Ref] = writing
	var text string
	switch n.Type.Kind {
	case schema.Struct:
		text = p.wireStruct(p.types[t.Ref], n.Type.Fields, "")
	case schema.Union:
		text = p.wireUnion(p.types[t.Ref], n.Type)
	default:
		text = p.wire(n.Type, "")
	}
	annotation := ""
	if p.lazy[t.Ref] { // the compiler cannot infer a type from itself
		p.imports["type Type"] = true
		annotation = ": Type<" + p.types[t.Ref] + ">"
	}
	p.f("const %s%s = %s;\n", name, annotation, text)
	p.state[t.Ref] = written
	return name
}

func (p *printer) wireMap(t *schema.Type, indent string) string {
	k := p.doc.Resolve(t.Key)
	if !textKey(k) {
		return "t.map(" + p.wire(t.Key, indent) + ", " + p.wire(t.Elem, indent) + ")"
	}
	if t.Key.Kind == schema.Ref && p.doc.Named(t.Key.Ref).Closed {
		return "t.recordOf<" + p.types[t.Key.Ref] + ">()(" + p.wire(t.Elem, indent) + ")"
	}
	return "t.record(" + p.wire(t.Elem, indent) + ")"
}

func (p *printer) wireStruct(name string, fields []schema.Field, indent string) string {
	var parts []string
	for _, f := range fields {
		w := p.wire(present(f), indent+"  ")
		if f.Optional {
			w = "t.optional(" + w + ")"
		}
		parts = append(parts, key(f.Name)+": "+w)
	}
	return "t.struct<" + name + ">(" + braces(parts, indent) + ")"
}

// braces writes an object on one line if it fits.
func braces(parts []string, indent string) string {
	if len(parts) == 0 {
		return "{}"
	}
	if one := "{ " + strings.Join(parts, ", ") + " }"; len(one) < 70 && !strings.Contains(one, "\n") {
		return one
	}
	return "{\n" + indent + "  " + strings.Join(parts, ",\n"+indent+"  ") + ",\n" + indent + "}"
}

func (p *printer) wireTuple(t *schema.Type, indent string) string {
	elems := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		elems[i] = p.wire(f.Type, indent)
	}
	return "t.tuple(" + strings.Join(elems, ", ") + ")"
}

func (p *printer) wireUnion(name string, t *schema.Type) string {
	var parts []string
	for _, v := range t.Variants {
		w := "null"
		if v.Type != nil {
			w = p.wire(v.Type, "  ")
		}
		parts = append(parts, key(v.Tag)+": "+w)
	}
	call, options := "t.union<"+name+">", []string(nil)
	if t.TagKey != "" {
		call = "t.adjacent<" + name + ", " + quote(t.TagKey) + ", " + quote(t.ContentKey) + ">"
		options = append(options, "type: "+quote(t.TagKey), "data: "+quote(t.ContentKey))
	}
	if t.Open {
		options = append(options, "open: true")
	}
	if options == nil {
		return call + "(" + braces(parts, "") + ")"
	}
	return call + "(" + braces(parts, "") + ", " + braces(options, "") + ")"
}

// endpoint writes the descriptor of an endpoint.
func (p *printer) endpoint(out *strings.Builder, e *schema.Endpoint) error {
	switch e.Codec {
	case "json", "cbor", "msgpack":
		p.imports[e.Codec] = true
	default:
		return fmt.Errorf("%s: there is no TypeScript for the codec %s, which is your own; json, cbor and msgpack can be generated", e.Name, e.Codec)
	}
	p.imports["endpoint"], p.imports["type Endpoint"] = true, true
	params := "undefined"
	parts := []string{"path: " + quote(e.Path)}
	if fields := p.sent(e); len(fields) > 0 {
		params = p.types[e.Params]
		parts = append(parts, "params: t.params<"+params+">("+p.wireParams(fields)+")")
	}
	in, inType := p.wire(e.In, "  "), p.typ(e.In, "")
	outWire, outType := p.wire(e.Out, "  "), p.typ(e.Out, "")
	parts = append(parts, "codec: "+e.Codec, "in: "+in, "out: "+outWire)
	if l := limits(e.Limits); l != nil {
		parts = append(parts, "limits: "+braces(l, "  "))
	}
	if e.Session != nil {
		p.imports["session"] = true
		parts = append(parts, "session: session("+sessionOptions(e.Session)+")")
	}
	parts = append(parts, "schema: "+quote(e.Hash))

	wires := p.take()
	p.comment("", e.Docs, p.unsent(e))
	name := p.types["endpoint "+e.Name]
	p.f("export const %s: Endpoint<%s, %s, %s> = endpoint({\n  %s,\n});\n\n", name, params, inType, outType, strings.Join(parts, ",\n  "))
	out.WriteString(p.take())
	p.f("%s", wires)
	return nil
}

func (p *printer) wireParams(fields []schema.Field) string {
	var parts []string
	for _, f := range fields {
		w := p.wire(present(f), "    ")
		if f.Optional {
			w = "t.optional(" + w + ")"
		}
		parts = append(parts, key(f.Name)+": t."+f.In+"("+w+")")
	}
	return braces(parts, "  ")
}

// unsent names the parameters that browsers do not send.
func (p *printer) unsent(e *schema.Endpoint) string {
	if e.Params == "" {
		return ""
	}
	var names []string
	for _, f := range p.doc.Named(e.Params).Type.Fields {
		if f.In == "header" || f.In == "cookie" {
			names = append(names, f.In+" `"+f.Name+"`")
		}
	}
	if names == nil {
		return ""
	}
	return "Not sent from here, because browsers set no headers and keep cookies to themselves: " + strings.Join(names, ", ") + "."
}

func limits(l schema.Limits) (parts []string) {
	if l.MaxClientMessage != 0 {
		parts = append(parts, "maxClientMessage: "+strconv.Itoa(l.MaxClientMessage))
	}
	if l.MaxServerMessage != 0 {
		parts = append(parts, "maxServerMessage: "+strconv.Itoa(l.MaxServerMessage))
	}
	return parts
}

func sessionOptions(s *schema.Session) string {
	var parts []string
	if s.Messages != 0 {
		parts = append(parts, "messages: "+strconv.Itoa(s.Messages))
	}
	if s.Bytes != 0 {
		parts = append(parts, "bytes: "+strconv.Itoa(s.Bytes))
	}
	if s.ClientCommits {
		parts = append(parts, "commits: true")
	}
	if parts == nil {
		return ""
	}
	return braces(parts, "  ")
}
