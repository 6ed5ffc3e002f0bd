package msgpack

import "github.com/tandem-ws/tandem/internal/serde"

func (r *reader) List() (int, error) { return r.open(fixList, list16, serde.List, 1) }
func (r *reader) Map() (int, error)  { return r.open(fixMap, map16, serde.Map, 2) }

// open begins a list or map whose elements take at least size bytes each.
func (r *reader) open(fix, code16 byte, kind serde.Kind, size int) (int, error) {
	first, err := r.begin()
	if err != nil {
		return 0, err
	}
	var n uint64
	switch {
	case first&0xf0 == fix:
		n = uint64(first & 0xf)
	case first == code16:
		n, err = r.arg(2)
	case first == code16+1:
		n, err = r.arg(4)
	default:
		err = r.mismatch(first, kind.String())
	}
	if err != nil {
		return 0, err
	}
	if r.depth++; r.depth > r.max {
		return 0, r.fail("nested too deep")
	}
	if n > uint64(r.Left()/size) {
		return 0, r.fail("a length beyond the end of the message")
	}
	return int(n), nil
}

// More is never asked: every length is given.
func (r *reader) More() (bool, error) { return false, r.fail("no length") }

func (r *reader) MatchName(encoded []byte) bool {
	end := r.off + len(encoded)
	if end > len(r.src) || string(r.src[r.off:end]) != string(encoded) {
		return false
	}
	r.start, r.off = r.off, end
	return true
}

func (r *reader) End() error {
	if r.off != len(r.src) {
		return serde.NewError(r.off, "bytes behind the message")
	}
	return nil
}

func (r *reader) Raw() ([]byte, error) {
	from := r.off
	if err := r.Skip(); err != nil {
		return nil, err
	}
	r.start = from
	return r.src[from:r.off], nil
}

// Skip reads a whole value. Its depth is bounded like everything else's, so it may call itself.
func (r *reader) Skip() error {
	var err error
	switch r.Kind() {
	case serde.Null:
		err = r.Null()
	case serde.Bool:
		_, err = r.Bool()
	case serde.Int:
		_, _, err = r.Int()
	case serde.Float:
		_, err = r.Float(64)
	case serde.Text:
		_, err = r.Text()
	case serde.Bytes:
		_, err = r.raw()
	case serde.List:
		return r.skipList()
	case serde.Map:
		return r.skipMap()
	default:
		return r.Mismatch("a value")
	}
	return err
}

func (r *reader) skipList() error {
	n, err := r.List()
	if err != nil {
		return err
	}
	for range n {
		if err := r.Skip(); err != nil {
			return err
		}
	}
	r.Leave()
	return nil
}

func (r *reader) skipMap() error {
	n, err := r.Map()
	if err != nil {
		return err
	}
	mark := r.keys.Mark()
	for range n {
		from := r.off
		if err := r.Skip(); err != nil {
			return err
		}
		r.keys.Add(from, r.off)
		if err := r.Skip(); err != nil {
			return err
		}
	}
	if at := r.keys.Twice(r.src, mark); at >= 0 {
		return serde.NewError(at, "a key comes twice")
	}
	r.Leave()
	return nil
}
