package envelope

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
)

// Parse reads a frame into f. Payload and Meta are slices of src. The error is a *serde.Error with an offset into src;
// its text holds little of what the peer sent, so it may travel in a close reason.
//
// What it returns is well formed, except the payload of a msg or volatile: that is the rest of the frame, and who decodes
// it will see.
func (e *Codec) Parse(src []byte, f *session.Frame) error {
	*f = session.Frame{}
	if e.parseFast(src, f) {
		return nil
	}
	*f = session.Frame{}
	r := e.readers.Get().(serde.Reader)
	err := e.parse(r, src, f)
	r.Reset(nil, 0, 0)
	e.readers.Put(r)
	if err == nil {
		return nil
	}
	at := (*serde.Error)(nil)
	if !errors.As(err, &at) {
		at = serde.NewError(0, "not a frame")
	}
	at.Codec = "frame"
	return at
}

// parseFast reads messages without meta in the spelling that section 2 asks writers for.
func (e *Codec) parseFast(src []byte, f *session.Frame) bool {
	if len(src) < 4 || e.opaque {
		return false
	}
	switch e.shape {
	case textJSON:
		return e.fastJSON(src, f)
	case binCBOR:
		if src[0] != 0x83 {
			return false
		}
	case binMsgPack:
		if src[0] != 0x93 {
			return false
		}
	default:
		return false
	}
	if src[1] > byte(session.Volatile) {
		return false
	}
	n := 0
	first := src[2]
	switch {
	case e.shape == binCBOR && first < 24, e.shape == binMsgPack && first < 0x80:
		f.Seq = uint64(first)
	case e.shape == binCBOR && first <= 27:
		n = 1 << (first - 24)
	case e.shape == binMsgPack && first >= 0xcc && first <= 0xcf:
		n = 1 << (first - 0xcc)
	default:
		return false
	}
	if len(src) <= 3+n {
		return false
	}
	switch s := src[3:]; n {
	case 1:
		f.Seq = uint64(s[0])
	case 2:
		f.Seq = uint64(binary.BigEndian.Uint16(s))
	case 4:
		f.Seq = uint64(binary.BigEndian.Uint32(s))
	case 8:
		f.Seq = binary.BigEndian.Uint64(s)
	}
	f.Kind, f.Payload = session.Kind(src[1]), src[3+n:]
	return true
}

// fastJSON reads [0,17,payload] and [1,0,payload] without white space around the numbers.
func (e *Codec) fastJSON(src []byte, f *session.Frame) bool {
	if src[0] != '[' || src[1] != '0' && src[1] != '1' || src[2] != ',' || src[3] == '0' && src[1] == '0' {
		return false
	}
	i := 3
	for ; i < len(src) && i < 3+16 && src[i] >= '0' && src[i] <= '9'; i++ {
		f.Seq = f.Seq*10 + uint64(src[i]-'0')
	}
	if i == 3 || i >= len(src) || src[i] != ',' || src[3] == '0' && i > 4 {
		return false
	}
	end := len(src) - 1
	if i++; i >= end || src[end] != ']' || src[i] <= ' ' || src[end-1] <= ' ' {
		return false
	}
	// An object without another one inside ends where the frame does: meta would have a brace of its own.
	flat := src[i] == '{' && src[end-1] == '}' && bytes.LastIndexByte(src[i:end], '{') == 0
	if !flat && endOfValue(src, i) != end {
		return false
	}
	f.Kind, f.Payload = session.Kind(src[1]-'0'), src[i:end]
	return true
}

// endOfValue finds the end of the JSON value at i by its quotes and brackets. Of what is no JSON value it tells
// anything: whoever decodes the value will refuse it. The codec's own way, which refuses it here, takes as long as
// decoding does, so that a message cost twice.
func endOfValue(src []byte, i int) int {
	for depth := 0; i < len(src); {
		switch c := src[i]; c {
		case '"':
			if i = endOfText(src, i+1); i < 0 {
				return -1
			}
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']', ',':
			if depth == 0 {
				return i // of a number or a word
			}
			i++
			if c == ',' {
				continue
			}
			depth--
		default:
			i++
			continue
		}
		if depth == 0 {
			return i
		}
	}
	return -1
}

// endOfText finds the end of JSON text whose opening quote is in front of i.
func endOfText(src []byte, i int) int {
	for {
		n := bytes.IndexByte(src[i:], '"')
		if n < 0 {
			return -1
		}
		slashes := 0
		for slashes < n && src[i+n-1-slashes] == '\\' {
			slashes++
		}
		i += n + 1
		if slashes%2 == 0 {
			return i
		}
	}
}

// parse reads any frame.
func (e *Codec) parse(r serde.Reader, src []byte, f *session.Frame) error {
	r.Reset(src, 0, e.depth)
	if r.Kind() != serde.List {
		return r.Mismatch("a frame")
	}
	n, err := r.List()
	if err != nil {
		return err
	}
	if n >= 0 && n != 3 && n != 4 {
		return serde.NewError(r.Start(), "a frame has three or four elements")
	}
	kind, err := element(r, n)
	if err != nil {
		return err
	}
	if kind > session.MaxSeq {
		return serde.NewError(r.Start(), "a kind above 2^53-1")
	}
	f.Kind = session.Unknown
	if kind <= uint64(session.AuthK) {
		f.Kind = session.Kind(kind)
	}
	if f.Seq, err = element(r, n); err != nil {
		return err
	}
	if f.Kind.Control() && len(src) > session.MaxControl {
		return serde.NewError(session.MaxControl, "a control frame that is too long")
	}
	if err := e.payload(r, n, f); err != nil {
		return err
	}
	if n != 3 {
		if err := e.meta(r, n, f); err != nil {
			return err
		}
	}
	r.Leave()
	return r.End()
}

// more makes sure that there is another element, in a list whose length is not known.
func more(r serde.Reader, n int) error {
	if n >= 0 {
		return nil
	}
	ok, err := r.More()
	if err == nil && !ok {
		err = serde.NewError(r.Start(), "a frame has three or four elements")
	}
	return err
}

// element reads an integer.
func element(r serde.Reader, n int) (uint64, error) {
	if err := more(r, n); err != nil {
		return 0, err
	}
	v, neg, err := r.Int()
	if err == nil && neg {
		err = serde.NewError(r.Start(), "a negative number")
	}
	return v, err
}

func (e *Codec) payload(r serde.Reader, n int, f *session.Frame) error {
	if err := more(r, n); err != nil {
		return err
	}
	isMap := f.Kind.Control() && r.Kind() == serde.Map // Kind reads past tags of CBOR, which are part of a payload
	raw, err := r.Raw()
	if err != nil {
		return err
	}
	at := r.Start()
	if f.Kind.Control() {
		if !isMap {
			return serde.NewError(at, "a control frame without a map")
		}
		return e.parseBody(raw, at, f)
	}
	if e.opaque && f.Kind <= session.Cancel {
		if raw, err = content(raw, at); err != nil {
			return err
		}
	}
	f.Payload = raw
	return nil
}

// content is what a well-formed item of CBOR holds that must be a byte string in one piece.
func content(raw []byte, at int) ([]byte, error) {
	if raw[0]&0xe0 != 0x40 || raw[0] == 0x5f {
		return nil, serde.NewError(at, "a payload that is not bytes in one piece")
	}
	head := 1
	if info := raw[0] & 0x1f; info >= 24 {
		head += 1 << (info - 24)
	}
	return raw[head:], nil
}

// meta reads the fourth element; where the list's length is not known there may be none.
func (e *Codec) meta(r serde.Reader, n int, f *session.Frame) error {
	if n < 0 {
		if ok, err := r.More(); err != nil || !ok {
			return err
		}
	}
	if r.Kind() != serde.Map {
		return r.Mismatch("meta, a map,")
	}
	raw, err := r.Raw()
	if err != nil {
		return err
	}
	at := r.Start()
	if len(raw) > session.MaxMeta {
		return serde.NewError(at, "meta that is too long")
	}
	if n < 0 {
		if ok, err := r.More(); err != nil {
			return err
		} else if ok {
			return serde.NewError(at+len(raw), "a frame has three or four elements")
		}
	}
	f.Meta = raw
	return e.textKeys(raw, at)
}

// textKeys refuses a well-formed map with other keys than text.
func (e *Codec) textKeys(raw []byte, at int) error {
	r := e.readers.Get().(serde.Reader)
	defer func() { r.Reset(nil, 0, 0); e.readers.Put(r) }()
	r.Reset(raw, 1, e.depth)
	n, err := r.Map()
	for err == nil && n != 0 {
		if n > 0 {
			n--
		} else if ok, err := r.More(); err != nil || !ok {
			return err
		}
		if r.Kind() != serde.Text {
			return serde.NewError(at+r.Start(), "a key that is not text")
		}
		if _, err = r.Text(); err == nil {
			err = r.Skip()
		}
	}
	return err
}
