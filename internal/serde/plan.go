package serde

import (
	"reflect"
	"sync"
	"sync/atomic"
)

// op is what the walk does with a value: the kinds of Go values, seen from the data model.
type op uint8

const (
	opNone op = iota // a node that is being compiled
	opBool
	opInt
	opInt8
	opInt16
	opInt32
	opInt64
	opUint
	opUint8
	opUint16
	opUint32
	opUint64
	opFloat32
	opFloat64
	opString
	opBytes     // a slice of bytes
	opByteArray // an array of bytes
	opByteList  // a slice or array of bytes that goes out as a list of integers
	opSlice
	opArray
	opMap
	opStruct
	opTuple
	opPtr
	opAny
	opUnion
	opText
	opBig
	opCustom
)

// node is the plan for one Go type in one format. A wrapper that is transparent has the node of what it wraps: both
// have the same address, so no code may take typ for the type of the field or element it came from.
type node struct {
	op     op
	typ    reflect.Type
	size   uintptr // of an element, for op slice, array and map
	elem   *node   // of op pointer, slice, array and map
	key    *node   // of op map
	len    int     // of op array and byte array
	fields []field
	byName map[string]int
	omits  bool // some field may be left out
	union  *unionPlan
	custom *Custom

	unsigned bool      // of op big
	scratch  sync.Pool // of op map and of variants: *scratch
}

// field is one entry of a struct's plan.
type field struct {
	name    string
	encoded []byte          // the name as the format writes it as a key
	short   [shortName]byte // the same when it is not longer than that, else unused
	node    *node
	off     uintptr // from the struct, or from what the last hop points to
	hops    []hop   // through embedded pointers
	omit    omit
	typ     reflect.Type
}

// shortName is how long a name may be to be copied as a whole, without a call: this takes 11 % (CBOR) to 16 %
// (JSON) off the time of a struct with ten fields.
const shortName = 16

// appendName appends the field's name as a key.
func (f *field) appendName(b []byte) []byte {
	n := len(b)
	if len(f.encoded) <= shortName && cap(b)-n >= shortName {
		b = b[:n+shortName]
		*(*[shortName]byte)(b[n:]) = f.short
		return b[:n+len(f.encoded)]
	}
	return append(b, f.encoded...)
}

// hop is an embedded pointer on the way to a field.
type hop struct {
	off  uintptr
	elem reflect.Type
}

type omit uint8

const (
	omitNever omit = 0
	omitEmpty omit = 1 << iota
	omitZero
	omitIsZero // by the type's own IsZero
)

// plans is the cache of one format. Only types that compile are kept, so that a union may be registered after a check
// has failed for want of it.
type plans struct {
	format Format
	quick  [64]atomic.Pointer[plan] // by address of the type; the first to come keeps its place
	all    sync.Map                 // reflect.Type of a pointer to the message → *plan
}

type plan struct {
	ptr  reflect.Type
	node *node
}

// plan gives the node for what ptr, a pointer type, points to. A sync.Map takes 15 ns to find it, which is a quarter of
// what a short message costs; most programs have fewer message types than quick has places.
func (ps *plans) plan(ptr reflect.Type) (*node, error) {
	address := reflect.ValueOf(ptr).Pointer()
	place := &ps.quick[(address>>5^address>>11)%uintptr(len(ps.quick))]
	if p := place.Load(); p != nil && p.ptr == ptr {
		return p.node, nil
	}
	if p, ok := ps.all.Load(ptr); ok {
		return p.(*plan).node, nil
	}
	n, err := compileMessage(ps.format, ptr.Elem())
	if err != nil {
		return nil, err
	}
	got, _ := ps.all.LoadOrStore(ptr, &plan{ptr, n})
	place.CompareAndSwap(nil, got.(*plan))
	return got.(*plan).node, nil
}

// scratch is room for one element and one key while a map or variant is walked.
type scratch struct {
	key, elem reflect.Value
	keyRef    ref
	elemRef   ref
}

func (n *node) getScratch(key, elem reflect.Type) *scratch {
	if s, ok := n.scratch.Get().(*scratch); ok {
		return s
	}
	s := &scratch{}
	if key != nil {
		p := reflect.New(key)
		s.key, s.keyRef = p.Elem(), refOf(p)
	}
	p := reflect.New(elem)
	s.elem, s.elemRef = p.Elem(), refOf(p)
	return s
}

// putScratch wipes the room, so that a pool keeps nobody's data.
func (n *node) putScratch(s *scratch) {
	if s.key.IsValid() {
		s.key.SetZero()
	}
	s.elem.SetZero()
	n.scratch.Put(s)
}
