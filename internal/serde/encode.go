package serde

func encodeError(msg string) *Error { return &Error{Msg: msg, offset: -1} }

// encoder walks one message. It lives on the stack.
type encoder struct {
	f       Format
	c       *Coder
	depth   int
	max     int
	textual bool
}

// enter counts a list or map. On the way out the caller takes it back, but not after an error.
func (e *encoder) enter() error {
	if e.depth++; e.depth > e.max {
		return encodeError("nested too deep")
	}
	return nil
}

func (e *encoder) value(b []byte, n *node, p ref) (_ []byte, err error) {
	switch n.op {
	case opString:
		b, err = e.f.AppendText(b, *as[string](p))
	case opInt:
		b = e.f.AppendInt(b, int64(*as[int](p)))
	case opInt64:
		b = e.f.AppendInt(b, *as[int64](p))
	case opInt32:
		b = e.f.AppendInt(b, int64(*as[int32](p)))
	case opInt16:
		b = e.f.AppendInt(b, int64(*as[int16](p)))
	case opInt8:
		b = e.f.AppendInt(b, int64(*as[int8](p)))
	case opUint:
		b = e.f.AppendUint(b, uint64(*as[uint](p)))
	case opUint64:
		b = e.f.AppendUint(b, *as[uint64](p))
	case opUint32:
		b = e.f.AppendUint(b, uint64(*as[uint32](p)))
	case opUint16:
		b = e.f.AppendUint(b, uint64(*as[uint16](p)))
	case opUint8:
		b = e.f.AppendUint(b, uint64(*as[uint8](p)))
	case opBool:
		b = e.f.AppendBool(b, *as[bool](p))
	case opFloat64:
		b, err = e.f.AppendFloat(b, *as[float64](p), 64)
	case opFloat32:
		b, err = e.f.AppendFloat(b, float64(*as[float32](p)), 32)
	case opStruct:
		return e.structure(b, n, p)
	case opTuple:
		return e.tuple(b, n, p)
	case opSlice:
		h := as[sliceHead](p)
		return e.list(b, n, h.data, h.len)
	case opArray:
		return e.list(b, n, p, n.len)
	case opBytes:
		b = e.f.AppendBytes(b, *as[[]byte](p))
	case opByteArray:
		b = e.f.AppendBytes(b, bytesAt(p, n.len))
	case opByteList:
		return e.byteList(b, n.bytes(p))
	case opMap:
		return e.mapping(b, n, p)
	case opPtr:
		q := *as[ref](p)
		if q == nil {
			return e.f.AppendNull(b), nil
		}
		return e.value(b, n.elem, q)
	case opAny:
		return e.any(b, *as[any](p))
	case opUnion:
		return e.union(b, n, p)
	case opText:
		b, err = e.text(b, n, p)
	case opBig:
		return e.big(b, n, p)
	case opCustom:
		return e.custom(b, n, p)
	default:
		err = encodeError("the type is not compiled")
	}
	return b, err
}

func (e *encoder) structure(b []byte, n *node, p ref) (_ []byte, err error) {
	if err = e.enter(); err != nil {
		return b, err
	}
	count := len(n.fields)
	if n.omits {
		for i := range n.fields {
			if f := &n.fields[i]; f.omit != omitNever || f.hops != nil {
				if q := f.reach(p); q == nil || f.emptyAt(q) {
					count--
				}
			}
		}
	}
	b = e.f.OpenMap(b, count)
	first := true
	for i := range n.fields {
		f := &n.fields[i]
		q := at(p, f.off)
		if n.omits && (f.omit != omitNever || f.hops != nil) {
			if q = f.reach(p); q == nil || f.emptyAt(q) {
				continue
			}
		}
		if e.textual {
			if !first {
				b = append(b, ',')
			}
			first = false
		}
		b = f.appendName(b)
		if b, err = e.value(b, f.node, q); err != nil {
			return b, withinField(err, f.name)
		}
	}
	if e.textual {
		b = append(b, '}')
	}
	e.depth--
	return b, nil
}

// reach gives the address of a field, or nil if an embedded pointer on the way is nil.
func (f *field) reach(p ref) ref {
	for i := range f.hops {
		if p = *as[ref](at(p, f.hops[i].off)); p == nil {
			return nil
		}
	}
	return at(p, f.off)
}

func (e *encoder) tuple(b []byte, n *node, p ref) (_ []byte, err error) {
	if err = e.enter(); err != nil {
		return b, err
	}
	b = e.f.OpenList(b, len(n.fields))
	for i := range n.fields {
		f := &n.fields[i]
		if e.textual && i > 0 {
			b = append(b, ',')
		}
		q := f.reach(p)
		if q == nil {
			return b, withinField(encodeError("embedded nil pointer in a tuple"), f.name)
		}
		if b, err = e.value(b, f.node, q); err != nil {
			return b, withinField(err, f.name)
		}
	}
	if e.textual {
		b = append(b, ']')
	}
	e.depth--
	return b, nil
}

func (e *encoder) list(b []byte, n *node, data ref, length int) (_ []byte, err error) {
	if err = e.enter(); err != nil {
		return b, err
	}
	b = e.f.OpenList(b, length)
	for i := range length {
		if e.textual && i > 0 {
			b = append(b, ',')
		}
		if b, err = e.value(b, n.elem, at(data, uintptr(i)*n.size)); err != nil {
			return b, withinIndex(err, i)
		}
	}
	if e.textual {
		b = append(b, ']')
	}
	e.depth--
	return b, nil
}

func (e *encoder) byteList(b []byte, v []byte) (_ []byte, err error) {
	if err = e.enter(); err != nil {
		return b, err
	}
	b = e.f.OpenList(b, len(v))
	for i, c := range v {
		if e.textual && i > 0 {
			b = append(b, ',')
		}
		b = e.f.AppendUint(b, uint64(c))
	}
	if e.textual {
		b = append(b, ']')
	}
	e.depth--
	return b, nil
}

// bytes views a slice or array of bytes.
func (n *node) bytes(p ref) []byte {
	if n.len < 0 {
		return *as[[]byte](p)
	}
	return bytesAt(p, n.len)
}
