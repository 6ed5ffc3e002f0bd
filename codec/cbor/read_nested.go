package cbor

import "github.com/tandem-ws/tandem/internal/serde"

func (r *reader) List() (int, error) { return r.open(majorList, "a list", 1) }
func (r *reader) Map() (int, error)  { return r.open(majorMap, "a map", 2) }

// open begins a list or map whose elements take at least size bytes each.
func (r *reader) open(major byte, want string, size int) (int, error) {
	first, arg, err := r.begin()
	if err != nil {
		return 0, err
	}
	if first&0xe0 != major {
		return 0, r.mismatch(first, want)
	}
	if r.depth++; r.depth > r.max {
		return 0, r.fail("nested too deep")
	}
	if first&0x1f == indefinite {
		return -1, nil
	}
	if arg > uint64(r.Left()/size) {
		return 0, r.fail("a length beyond the end of the message")
	}
	return int(arg), nil
}

func (r *reader) More() (bool, error) {
	if r.off >= len(r.src) {
		return false, r.truncated()
	}
	if r.src[r.off] == itemBreak {
		r.start = r.off
		r.off++
		return false, nil
	}
	return true, nil
}

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

// Skip reads a whole item. Its depth is bounded like everything else's, so it may call itself.
func (r *reader) Skip() error {
	switch r.Kind() {
	case serde.Null, serde.Bool:
		r.start = r.off
		r.off++
		return nil
	case serde.Int:
		if r.src[r.off]&0xe0 != majorTag {
			first, _, err := r.begin()
			if err == nil && first&0x1f == indefinite {
				err = r.fail("an integer without a value")
			}
			return err
		}
		if _, _, err := r.begin(); err != nil {
			return err
		}
		if r.Left() > 0 && r.src[r.off]&0xe0 != majorBytes {
			return r.fail("a bignum that is not bytes")
		}
		return r.skipString()
	case serde.Float:
		_, _, err := r.begin()
		return err
	case serde.Text, serde.Bytes:
		return r.skipString()
	case serde.List:
		return r.skipList()
	case serde.Map:
		return r.skipMap()
	}
	return r.Mismatch("a value")
}

func (r *reader) skipString() error {
	first, arg, err := r.begin()
	if err != nil {
		return err
	}
	if first&0x1f == indefinite {
		r.scratch, err = r.pieces(r.scratch[:0], first&0xe0)
		return err
	}
	_, err = r.piece(arg, first&0xe0 == majorText)
	return err
}

func (r *reader) skipList() error {
	n, err := r.List()
	if err != nil {
		return err
	}
	for n != 0 {
		if n > 0 {
			n--
		} else if more, err := r.More(); err != nil {
			return err
		} else if !more {
			break
		}
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
	for n != 0 {
		if n > 0 {
			n--
		} else if more, err := r.More(); err != nil {
			return err
		} else if !more {
			break
		}
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
