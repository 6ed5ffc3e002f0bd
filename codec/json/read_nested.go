package json

import "github.com/tandem-ws/tandem/internal/serde"

func (r *reader) List() (int, error) { return r.enter('[', ']', "a list") }
func (r *reader) Map() (int, error)  { return r.enter('{', '}', "a map") }

func (r *reader) enter(first, last byte, want string) (int, error) {
	if r.begin() != first {
		return 0, r.Mismatch(want)
	}
	r.off++
	r.open = append(r.open, last)
	if r.Depth() > r.max {
		return 0, r.fail("nested too deep")
	}
	r.fresh = true
	return -1, nil
}

func (r *reader) More() (bool, error) {
	r.off = space(r.src, r.off)
	if r.off >= len(r.src) {
		return false, r.unexpected()
	}
	last := r.open[len(r.open)-1]
	c := r.src[r.off]
	if c == last {
		r.start = r.off
		r.off++
		r.open = r.open[:len(r.open)-1]
		r.fresh = false
		return false, nil
	}
	if !r.fresh {
		if c != ',' {
			return false, r.unexpected()
		}
		r.off = space(r.src, r.off+1)
	}
	r.fresh = false
	if last == '}' {
		if r.off >= len(r.src) || r.src[r.off] != '"' {
			return false, r.unexpected()
		}
		r.atKey = true
	}
	return true, nil
}

func (r *reader) MatchName(encoded []byte) bool {
	end := r.off + len(encoded)
	if end > len(r.src) || string(r.src[r.off:end]) != string(encoded) {
		return false
	}
	r.start, r.off, r.atKey = r.off, end, false
	return true
}

func (r *reader) End() error {
	if r.off = space(r.src, r.off); r.off != len(r.src) {
		return serde.NewError(r.off, "bytes behind the message")
	}
	return nil
}

func (r *reader) Raw() ([]byte, error) {
	r.begin()
	from := r.off
	if err := r.Skip(); err != nil {
		return nil, err
	}
	r.start = from
	return r.src[from:r.off], nil
}

// Skip reads a whole value. Its depth is bounded like everything else's, so it may call itself.
func (r *reader) Skip() error {
	switch r.begin() {
	case '"':
		_, err := r.Text()
		return err
	case '[':
		return r.skipList()
	case '{':
		return r.skipMap()
	case 't':
		return r.literal("true")
	case 'f':
		return r.literal("false")
	case 'n':
		return r.literal("null")
	}
	end, _ := number(r.src, r.off)
	if end == r.off {
		return r.notNumber("a value")
	}
	r.off = end
	return nil
}

func (r *reader) skipList() error {
	if _, err := r.List(); err != nil {
		return err
	}
	for {
		if more, err := r.More(); err != nil || !more {
			return err
		}
		if err := r.Skip(); err != nil {
			return err
		}
	}
}

// skipMap keeps the names for comparison: one may be spelled in several ways.
func (r *reader) skipMap() error {
	if _, err := r.Map(); err != nil {
		return err
	}
	at, mark, names := r.start, r.keys.Mark(), len(r.names)
	for {
		more, err := r.More()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		name, err := r.Text()
		if err != nil {
			return err
		}
		from := len(r.names)
		r.names = append(r.names, name...)
		r.keys.Add(from, len(r.names))
		if err := r.Skip(); err != nil {
			return err
		}
	}
	if r.keys.Twice(r.names, mark) >= 0 {
		return serde.NewError(at, "a name comes twice")
	}
	r.names = r.names[:names]
	return nil
}
