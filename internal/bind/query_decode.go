package bind

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"

	"github.com/tandem-ws/tandem/internal/say"
)

// decodeQuery fills the query parameters of v. It returns an error, not an *Error, so that nil is nil.
func (p *Plan) decodeQuery(raw string, v reflect.Value) error {
	var few [4]slot // on the stack
	slots := few[:]
	if len(p.query) > len(few) {
		slots = make([]slot, len(p.query))
	}
	if err := p.splitQuery(raw, slots); err != nil {
		return err
	}
	for i := range p.query {
		b, s := &p.query[i], &slots[i]
		field := v.FieldByIndex(b.index)
		if s.n == 1 && len(s.one.keys) == 0 && b.node.shape == leaf {
			if f := b.node.scalar.set(field, unescapeQuery(s.one.value)); f.bad() {
				return f.at(InQuery, b.name)
			}
			continue
		}
		if s.n == 1 {
			s.all = []entry{s.one}
		}
		if _, err := decode(b.node, field, s.all, &trail{key: b.name}); err != nil {
			return err
		}
	}
	return nil
}

// decode sets v, a zero value, from the entries that belong to it, which it reorders. It reports whether there was
// anything that Encode would write, so that a pointer to nothing stays nil.
func decode(n *node, v reflect.Value, es []entry, at *trail) (bool, error) {
	switch n.shape {
	case maybe:
		return decodeMaybe(n, v, es, at)
	case list, array:
		return decodeList(n, v, es, at)
	case record, tuple:
		return decodeRecord(n, v, es, at)
	case table:
		return decodeTable(n, v, es, at)
	default:
		return decodeLeaf(n, v, es, at)
	}
}

func decodeLeaf(n *node, v reflect.Value, es []entry, at *trail) (bool, error) {
	if len(es) == 0 {
		return false, at.err(fault{reason: reasonMissing})
	}
	for _, e := range es {
		if len(e.keys) > 0 {
			return false, at.err(fault{reason: "it is a single value, without brackets"})
		}
	}
	if len(es) > 1 {
		return false, at.err(fault{reason: reasonRepeated})
	}
	if f := n.scalar.set(v, unescapeQuery(es[0].value)); f.bad() {
		return false, at.err(f)
	}
	return true, nil
}

func decodeMaybe(n *node, v reflect.Value, es []entry, at *trail) (bool, error) {
	if len(es) == 0 || isEmpty(es) {
		return false, nil
	}
	p := reflect.New(n.elem.typ)
	set, err := decode(n.elem, p.Elem(), es, at)
	if set {
		v.Set(p)
	}
	return set, err
}

// isEmpty reports whether the only entry is a= or a.
func isEmpty(es []entry) bool {
	return len(es) == 1 && len(es[0].keys) == 0 && es[0].value == ""
}

func decodeRecord(n *node, v reflect.Value, es []entry, at *trail) (bool, error) {
	known := es[:0]
	for _, e := range es {
		if len(e.keys) == 0 {
			if e.value == "" {
				continue
			}
			return false, at.err(fault{reason: quote(unescapeQuery(e.value)) + " is not an object"})
		}
		key := e.keys[0]
		if n.shape == tuple && key == "" {
			key = strconv.Itoa(len(known)) // t[]=1&t[]=true
		}
		if i, ok := n.byKey[key]; ok {
			e.rank, e.keys = uint64(i), e.keys[1:]
			known = append(known, e)
		} else if n.shape == tuple {
			return false, at.err(fault{reason: quote(key) + " is not the index of an element"})
		}
	}
	sortEntries(known)
	found := false
	for i := range n.fields {
		b := &n.fields[i]
		end := 0
		for end < len(known) && known[end].rank == uint64(i) {
			end++
		}
		set, err := decode(b.node, v.FieldByIndex(b.index), known[:end], &trail{up: at, key: b.name})
		if err != nil {
			return false, err
		}
		found = found || set
		known = known[end:]
	}
	return found, nil
}

// decodeList takes v[0]=a&v[1]=b in any order and with holes, v[]=a&v[]=b and v=a&v=b. A single v= is the empty list.
func decodeList(n *node, v reflect.Value, es []entry, at *trail) (bool, error) {
	if isEmpty(es) {
		es = nil
	}
	size := 0
	for i := range es {
		e := &es[i]
		if len(e.keys) == 0 {
			e.alone = true
			continue
		}
		key := e.keys[0]
		e.keys = e.keys[1:]
		if e.alone = key == ""; e.alone {
			continue
		}
		rank, err := strconv.ParseUint(key, 10, 64)
		if err != nil {
			return false, at.err(fault{reason: quote(key) + " is not a list index"})
		}
		e.rank = rank
	}
	sortEntries(es)
	for i := range es {
		if i == 0 || !es[i].sameElement(es[i-1]) {
			size++
		}
	}
	if n.shape == list {
		if size == 0 {
			return false, nil
		}
		v.Set(reflect.MakeSlice(n.typ, size, size))
	} else if f := wrongLength(size, v.Len()); f.bad() {
		return false, at.err(f)
	}
	for i := range size {
		end := 1
		for end < len(es) && es[end].sameElement(es[0]) {
			end++
		}
		// An element counts even if there is nothing in it.
		if _, err := decode(n.elem, v.Index(i), es[:end], &trail{up: at, key: es[0].label()}); err != nil {
			return false, err
		}
		es = es[end:]
	}
	return size > 0, nil
}

func wrongLength(got, want int) fault {
	switch got {
	case want:
		return fault{}
	case 0:
		return fault{reason: reasonMissing}
	default:
		return fault{reason: say.Sprintf("%d elements instead of %d", got, want)}
	}
}

// sameElement reports whether two neighbours in a sorted list belong to one element.
func (e entry) sameElement(o entry) bool { return !e.alone && !o.alone && e.rank == o.rank }

// label is what stands in the brackets of an element.
func (e entry) label() string {
	if e.alone {
		return ""
	}
	return strconv.FormatUint(e.rank, 10)
}

// sortEntries sorts by rank, those without one at the end and in their order.
func sortEntries(es []entry) {
	if len(es) < 2 {
		return
	}
	slices.SortStableFunc(es, func(a, b entry) int {
		switch {
		case a.alone && b.alone:
			return 0
		case a.alone:
			return 1
		case b.alone:
			return -1
		}
		return cmp.Compare(a.rank, b.rank)
	})
}

func decodeTable(n *node, v reflect.Value, es []entry, at *trail) (bool, error) {
	keyed := es[:0]
	for _, e := range es {
		switch {
		case len(e.keys) > 0:
			keyed = append(keyed, e)
		case e.value != "":
			return false, at.err(fault{reason: quote(unescapeQuery(e.value)) + " is not a map"})
		}
	}
	if len(keyed) == 0 {
		return false, nil
	}
	slices.SortStableFunc(keyed, func(a, b entry) int { return cmp.Compare(a.keys[0], b.keys[0]) })
	v.Set(reflect.MakeMap(n.typ))
	for len(keyed) > 0 {
		text := keyed[0].keys[0]
		end := 0
		for end < len(keyed) && keyed[end].keys[0] == text {
			keyed[end].keys = keyed[end].keys[1:]
			end++
		}
		here := &trail{up: at, key: text}
		key := reflect.New(n.typ.Key()).Elem()
		if f := n.scalar.set(key, text); f.bad() {
			return false, here.err(f)
		}
		if v.MapIndex(key).IsValid() { // such as m[1]= and m[01]=
			return false, here.err(fault{reason: reasonRepeated})
		}
		elem := reflect.New(n.elem.typ).Elem()
		if _, err := decode(n.elem, elem, keyed[:end], here); err != nil {
			return false, err
		}
		v.SetMapIndex(key, elem)
		keyed = keyed[end:]
	}
	return true, nil
}
