package cbor

import "github.com/tandem-ws/tandem/internal/serde"

// take gives the next n bytes.
func (r *reader) take(n uint64) ([]byte, error) {
	if n > uint64(r.Left()) {
		return nil, r.fail("a length beyond the end of the message")
	}
	b := r.src[r.off : r.off+int(n)]
	r.off += int(n)
	return b, nil
}

func (r *reader) Text() ([]byte, error) {
	first, arg, err := r.begin()
	if err != nil {
		return nil, err
	}
	switch {
	case first&0xe0 != majorText:
		return nil, r.mismatch(first, "text")
	case first&0x1f == indefinite:
		r.scratch, err = r.pieces(r.scratch[:0], majorText)
		return r.scratch, err
	}
	return r.piece(arg, true)
}

func (r *reader) piece(n uint64, text bool) ([]byte, error) {
	b, err := r.take(n)
	if err == nil && text && !serde.ValidText(b) {
		err = r.fail("invalid UTF-8")
	}
	return b, err
}

// pieces appends the pieces of a string of indefinite length.
func (r *reader) pieces(dst []byte, major byte) ([]byte, error) {
	start := r.start
	for {
		first, arg, next, err := r.header(r.off)
		if err != nil {
			return dst, err
		}
		r.start, r.off = r.off, next
		if first == itemBreak {
			r.start = start
			return dst, nil
		}
		if first&0xe0 != major || first&0x1f == indefinite {
			return dst, r.fail("a piece of another kind in a string")
		}
		b, err := r.piece(arg, major == majorText)
		if err != nil {
			return dst, err
		}
		dst = append(dst, b...)
	}
}

func (r *reader) Name() ([]byte, error) {
	if r.Kind() == serde.Text && r.src[r.off]&0x1f == indefinite {
		r.start = r.off
		return nil, r.fail("the name of a variant in pieces")
	}
	return r.Text()
}

func (r *reader) AppendBytes(dst []byte) ([]byte, error) {
	first, arg, err := r.begin()
	if err != nil {
		return nil, err
	}
	switch {
	case first&0xe0 != majorBytes:
		return nil, r.mismatch(first, "bytes")
	case first&0x1f == indefinite:
		return r.pieces(dst, majorBytes)
	}
	b, err := r.piece(arg, false)
	return append(dst, b...), err
}
