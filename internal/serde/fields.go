package serde

import (
	"reflect"
	"slices"
	"strings"
)

// structure compiles a struct: its fields in declaration order, those of embedded structs in the place of the
// embedding, with the precedence Go and encoding/json give them.
func (c *compiler) structure(n *node, path string) error {
	n.op = opStruct
	found, err := c.collect(n.typ, path)
	if err != nil {
		return err
	}
	if found.tuple {
		n.op = opTuple
	}
	n.byName = make(map[string]int, len(found.fields))
	for i := range found.fields {
		f := &found.fields[i]
		fieldPath := path + "." + f.goName
		node, err := c.compile(f.field.typ, f.format, fieldPath)
		if err != nil {
			return err
		}
		f.field.node = node
		if found.tuple && f.field.omit != omitNever {
			return fault(fieldPath, "a field of a tuple cannot be left out")
		}
		enc, err := c.format.AppendText(nil, f.field.name)
		if err != nil {
			return fault(fieldPath, "its name is not valid UTF-8")
		}
		if c.format.Textual() {
			enc = append(enc, ':')
		}
		f.field.encoded = enc
		copy(f.field.short[:], enc)
		if f.field.omit != omitNever || f.field.hops != nil {
			n.omits = true
		}
		n.byName[f.field.name] = i
		n.fields = append(n.fields, f.field)
	}
	return nil
}

// candidate is a field on its way into a plan.
type candidate struct {
	field  field
	goName string
	format string
	depth  int
	tagged bool
}

type collected struct {
	fields []candidate
	tuple  bool
}

// collect lists the fields of t with those of embedded structs and settles who wins a name.
func (c *compiler) collect(t reflect.Type, path string) (collected, error) {
	var out collected
	err := c.walkFields(t, path, 0, 0, nil, []reflect.Type{t}, &out)
	if err != nil {
		return out, err
	}
	best := map[string]candidate{}
	clash := map[string]bool{}
	for _, f := range out.fields {
		was, ok := best[f.field.name]
		switch {
		case !ok, f.depth < was.depth, f.depth == was.depth && f.tagged && !was.tagged:
			best[f.field.name], clash[f.field.name] = f, false
		case f.depth == was.depth && f.tagged == was.tagged:
			clash[f.field.name] = true
		}
	}
	kept := out.fields[:0]
	for _, f := range out.fields {
		if clash[f.field.name] {
			return out, fault(path, "two fields are named "+f.field.name)
		}
		if b := best[f.field.name]; b.goName == f.goName && b.depth == f.depth && b.field.off == f.field.off && slices.Equal(b.field.hops, f.field.hops) {
			kept = append(kept, f)
		}
	}
	out.fields = kept
	return out, nil
}

func (c *compiler) walkFields(t reflect.Type, path string, depth int, base uintptr, hops []hop, open []reflect.Type, out *collected) error {
	for sf := range t.Fields() {
		if sf.Anonymous && sf.Type == tupleType {
			if depth > 0 {
				return fault(path, t.String()+" is a tuple and cannot be embedded without a name")
			}
			out.tuple = true
			continue
		}
		if sf.Anonymous && sf.Type == unknownType {
			return fault(path, t.String()+" holds unknown variants and has a meaning only in its union")
		}
		tag, hasTag := sf.Tag.Lookup("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		inner, pointer := sf.Type, false
		if sf.Anonymous && sf.Type.Kind() == reflect.Pointer {
			inner, pointer = sf.Type.Elem(), true
		}
		if sf.Anonymous && name == "" && inner.Kind() == reflect.Struct && c.plain(inner) {
			if slices.Contains(open, inner) {
				continue // as encoding/json: an embedded type that embeds itself adds nothing
			}
			off, via := base+sf.Offset, hops
			if pointer {
				if !sf.IsExported() {
					return fault(path+"."+sf.Name, "an embedded pointer to an unexported struct cannot be set")
				}
				via = append(slices.Clip(hops), hop{off, inner})
				off = 0
			}
			if err := c.walkFields(inner, path+"."+sf.Name, depth+1, off, via, append(slices.Clip(open), inner), out); err != nil {
				return err
			}
			continue
		}
		if !sf.IsExported() {
			continue
		}
		f := candidate{goName: sf.Name, depth: depth, tagged: hasTag && name != ""}
		f.field = field{name: name, off: base + sf.Offset, hops: hops, typ: sf.Type}
		if name == "" {
			f.field.name = sf.Name
		}
		if err := f.options(options, path+"."+sf.Name); err != nil {
			return err
		}
		out.fields = append(out.fields, f)
	}
	return nil
}

// plain tells whether an embedded struct is inlined: it has no form of its own.
func (c *compiler) plain(t reflect.Type) bool {
	if unwrap(t) != t || isBig(t) {
		return false
	}
	n := &node{typ: t}
	done, err := c.ownForm(n, "")
	return !done && err == nil
}

// options reads what follows the name in a tag. An option that would be ignored is an error.
func (f *candidate) options(options, path string) error {
	for options != "" {
		var o string
		o, options, _ = strings.Cut(options, ",")
		switch {
		case o == "omitempty":
			f.field.omit |= omitEmpty
		case o == "omitzero":
			f.field.omit |= omitZero
			if f.field.typ.Implements(zeroer) {
				f.field.omit |= omitIsZero
			}
		case strings.HasPrefix(o, "format:"):
			f.format = strings.TrimPrefix(o, "format:")
		case o == "":
		default:
			return fault(path, "the tag option "+o+" is not supported")
		}
	}
	return nil
}

// zeroer is what types have that say themselves when they are zero. Asking for the method by its name instead has the linker
// keep much of package reflect: 21 kB of what a browser downloads.
var zeroer = reflect.TypeFor[interface{ IsZero() bool }]()

// emptyAt tells whether the field at p is left out.
func (f *field) emptyAt(p ref) bool {
	if f.omit&omitEmpty != 0 {
		v := valueAt(f.typ, p)
		switch v.Kind() {
		case reflect.String, reflect.Slice, reflect.Map, reflect.Array:
			if v.Len() == 0 {
				return true
			}
		case reflect.Struct:
		default:
			if v.IsZero() {
				return true
			}
		}
	}
	if f.omit&omitZero != 0 {
		v := valueAt(f.typ, p)
		if f.omit&omitIsZero == 0 {
			return v.IsZero()
		}
		if k := v.Kind(); (k == reflect.Pointer || k == reflect.Interface) && v.IsNil() {
			return true
		}
		z, ok := v.Interface().(interface{ IsZero() bool }) //nolint:modernize // TypeAssert takes 70 ns, this 60
		return ok && z.IsZero()
	}
	return false
}
