package envelope

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"sync"

	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
)

// Codec writes and reads frames in one format.
type Codec struct {
	coder   *serde.Coder
	format  serde.Format
	shape   shape
	opaque  bool
	depth   int // of a frame
	readers *sync.Pool
}

// shape is which format it is, for the few bytes that are written and read by hand.
type shape uint8

const (
	other shape = iota
	textJSON
	binCBOR
	binMsgPack
)

// New makes the envelope for messages that the coder writes. Its format is JSON, CBOR or MessagePack.
func New(c *serde.Coder) *Codec {
	f := c.Format()
	e := &Codec{
		coder: c, format: f, depth: c.MaxDepth() + 1,
		readers: &sync.Pool{New: func() any { return f.NewReader() }},
	}
	switch f.Name() {
	case "json":
		e.shape = textJSON
	case "cbor":
		e.shape = binCBOR
	case "msgpack":
		e.shape = binMsgPack
	}
	return e
}

// Opaque makes the envelope for messages of a codec that the coder does not know: they travel as bytes. The coder's
// format is CBOR.
func Opaque(c *serde.Coder) *Codec {
	e := New(c)
	if e.shape != binCBOR {
		panic("envelope: " + c.Name() + " cannot carry the messages of another codec")
	}
	e.opaque = true
	return e
}

// opaqueHead is what stands before opaque bytes: a byte string with a length of four bytes, which AppendTail fills in.
const opaqueHead = "\x5a\x00\x00\x00\x00"

// AppendHeader begins a frame of a kind that is the application's. The payload is to be appended next. withMeta says
// that AppendTail will get a meta map: the binary formats have to know.
func (e *Codec) AppendHeader(dst []byte, kind session.Kind, seq uint64, withMeta bool) []byte {
	dst = e.head(dst, kind, seq, withMeta)
	if e.opaque {
		dst = append(dst, opaqueHead...)
	}
	return dst
}

func (e *Codec) head(dst []byte, kind session.Kind, seq uint64, withMeta bool) []byte {
	n := byte(3)
	if withMeta {
		n = 4
	}
	switch e.shape {
	case textJSON:
		dst = append(dst, '[')
		if kind > 9 {
			dst = append(dst, '0'+byte(kind)/10)
		}
		dst = append(dst, '0'+byte(kind)%10, ',')
		return append(strconv.AppendUint(dst, seq, 10), ',')
	case binCBOR:
		dst = append(dst, 0x80|n, byte(kind))
	case binMsgPack:
		dst = append(dst, 0x90|n, byte(kind))
	}
	return e.format.AppendUint(dst, seq)
}

// AppendTail ends a frame whose payload began at the given offset in dst: the length of what AppendHeader returned.
// meta is an encoded map, or nil.
func (e *Codec) AppendTail(dst []byte, payload int, meta []byte) []byte {
	if e.opaque {
		binary.BigEndian.PutUint32(dst[payload-4:], uint32(len(dst)-payload))
	}
	if e.shape == textJSON {
		if meta != nil {
			dst = append(append(dst, ','), meta...)
		}
		return append(dst, ']')
	}
	return append(dst, meta...)
}

// CheckPayload tells whether bytes that no codec of tandem's has written can stand in a frame.
func (e *Codec) CheckPayload(payload []byte) error {
	if e.opaque {
		return nil
	}
	b, err := e.Append(make([]byte, 0, len(payload)+16), &session.Frame{Kind: session.Msg, Seq: 1, Payload: payload})
	if err != nil {
		return err
	}
	var f session.Frame
	if err := e.Parse(b, &f); err != nil {
		return err
	}
	if !bytes.Equal(f.Payload, payload) && !(e.shape == textJSON && bytes.Equal(f.Payload, bytes.TrimSpace(payload))) || f.Meta != nil {
		return errors.New("frame: payload is not one value")
	}
	return nil
}

// Append appends a whole frame. It fails on text that is not UTF-8 only.
func (e *Codec) Append(dst []byte, f *session.Frame) ([]byte, error) {
	if !f.Kind.Control() {
		dst = e.AppendHeader(dst, f.Kind, f.Seq, f.Meta != nil)
		at := len(dst)
		return e.AppendTail(append(dst, f.Payload...), at, f.Meta), nil
	}
	b, err := e.appendBody(e.head(dst, f.Kind, 0, false), f)
	if err != nil {
		return dst, err
	}
	if e.shape == textJSON {
		b = append(b, ']')
	}
	return b, nil
}
