package bind

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// queryWriter builds a query string.
type queryWriter struct {
	out   []byte
	key   []byte // of the parameter at hand, escaped, with literal brackets: serde_qs does not know %5B
	text  []byte // scratch
	pairs int
	depth int
}

// encodeQuery returns the query string of the parameters in v.
func (p *Plan) encodeQuery(v reflect.Value) (string, error) {
	var w queryWriter
	for i := range p.query {
		b := &p.query[i]
		w.key = appendQueryEscaped(w.key[:0], b.name)
		if err := w.encode(b.node, v.FieldByIndex(b.index), &trail{key: b.name}); err != nil {
			return "", err
		}
	}
	return string(w.out), nil
}

func (w *queryWriter) encode(n *node, v reflect.Value, at *trail) error {
	switch n.shape {
	case maybe:
		if v.IsNil() {
			return nil
		}
		return w.encode(n.elem, v.Elem(), at)
	case list, array:
		return w.encodeList(n, v, at)
	case record, tuple:
		return w.encodeRecord(n, v, at)
	case table:
		return w.encodeTable(n, v, at)
	default:
		return w.encodeLeaf(n, v, at)
	}
}

func (w *queryWriter) encodeLeaf(n *node, v reflect.Value, at *trail) error {
	text, f := n.scalar.format(w.text[:0], v)
	if f.bad() {
		return at.err(f)
	}
	w.text = text
	return w.pair(text, at)
}

func (w *queryWriter) encodeList(n *node, v reflect.Value, at *trail) error {
	for i := range v.Len() {
		if err := w.element(n.elem, v.Index(i), &trail{up: at, key: strconv.Itoa(i)}); err != nil {
			return err
		}
	}
	return nil
}

func (w *queryWriter) encodeRecord(n *node, v reflect.Value, at *trail) error {
	if len(n.fields) == 0 { // serde's unit
		return w.pair(nil, at)
	}
	for i := range n.fields {
		b := &n.fields[i]
		here := &trail{up: at, key: b.name}
		back, err := w.open(here)
		if err != nil {
			return err
		}
		if err := w.encode(b.node, v.FieldByIndex(b.index), here); err != nil {
			return err
		}
		w.close(back)
	}
	return nil
}

// encodeTable writes the keys in order, so that equal maps have equal queries: a reconnecting client compares them.
func (w *queryWriter) encodeTable(n *node, v reflect.Value, at *trail) error {
	if v.Len() == 0 {
		return nil
	}
	values := make(map[string]reflect.Value, v.Len())
	for it := v.MapRange(); it.Next(); {
		text, f := n.scalar.format(nil, it.Key())
		if f.bad() {
			return at.err(f)
		}
		key := string(text)
		if _, twice := values[key]; twice {
			return (&trail{up: at, key: key}).err(fault{reason: "two keys have this text"})
		}
		values[key] = it.Value()
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := w.element(n.elem, values[key], &trail{up: at, key: key}); err != nil {
			return err
		}
	}
	return nil
}

// element writes an element of a list or map. One that holds nothing leaves an empty pair: serde_qs leaves it out, and
// then [1, nil, 2] arrives as [1, 2], but it reads the empty pair as the None that it was.
func (w *queryWriter) element(n *node, v reflect.Value, at *trail) error {
	back, err := w.open(at)
	if err != nil {
		return err
	}
	before := w.pairs
	if err := w.encode(n, v, at); err != nil {
		return err
	}
	if w.pairs == before {
		if err := w.pair(nil, at); err != nil {
			return err
		}
	}
	w.close(back)
	return nil
}

// open adds brackets to the key and returns what close needs to take them away.
func (w *queryWriter) open(at *trail) (int, error) {
	if w.depth == maxDepth {
		return 0, at.err(faultDepth)
	}
	w.depth++
	back := len(w.key)
	w.key = append(w.key, '[')
	w.key = appendQueryEscaped(w.key, at.key)
	w.key = append(w.key, ']')
	return back, nil
}

func (w *queryWriter) close(back int) {
	w.depth--
	w.key = w.key[:back]
}

func (w *queryWriter) pair(text []byte, at *trail) error {
	if w.pairs++; w.pairs > maxPairs {
		return at.err(faultPairs)
	}
	if len(w.out) > 0 {
		w.out = append(w.out, '&')
	}
	w.out = append(w.out, w.key...)
	w.out = append(w.out, '=')
	w.out = appendQueryEscaped(w.out, text)
	return nil
}
