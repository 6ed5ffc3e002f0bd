// Package cbor is the codec for CBOR (RFC 8949), the compact one of the three with the clearest types: it tells
// integers from floats and text from bytes, and it needs no JSON package in a browser program.
//
// What a Go type becomes is described in the package comment of codec/json for all three codecs. What is particular
// to CBOR:
//
//   - Written: definite lengths, the shortest form of every integer and length, floats in 16, 32 or 64 bits, whichever
//     is the shortest that keeps the value, map entries sorted by their encoded keys, struct fields in declaration
//     order. []byte is a byte string. Integers beyond 64 bits are bignums (tags 2 and 3).
//   - Read: every form of integers and lengths, indefinite lengths (but not for the name of a variant), undefined as
//     null, tag 0 on a time and any other tag as if it were not there. A struct is a map, never a list.
//   - Refused: an integer for a float and a float for an integer, text for bytes and bytes for text, invalid UTF-8,
//     duplicate keys, simple values, bytes behind the message, nesting deeper than the limit, and more tags in front of
//     an item than levels are left.
//
// The codec is safe for concurrent use.
package cbor

import (
	"reflect"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/serde"
)

// Codec is the codec with its defaults, for the Codec field of an endpoint. Its name is "cbor" and its messages travel
// in binary frames.
var Codec = New(nil)

// Options changes how messages are encoded and decoded.
type Options struct {
	// MaxDepth is how deep lists, maps and tags may nest. It holds for encoding too, where it catches values that
	// contain themselves. Default: 64, also for values below 1.
	MaxDepth int
}

// New makes a codec. nil means the defaults. It is safe for concurrent use, and codecs made alike are equal in all but
// identity: make one and keep it, because each compiles the types it meets anew.
func New(o *Options) tandem.Codec {
	if o == nil {
		o = &Options{}
	}
	return &codec{serde.NewCoder(format{}, o.MaxDepth)}
}

type codec struct{ coder *serde.Coder }

func (c *codec) Name() string                { return "cbor" }
func (c *codec) FrameKind() tandem.FrameKind { return tandem.FrameBinary }

func (c *codec) Append(dst []byte, v any) ([]byte, error) { return c.coder.Append(dst, v) }
func (c *codec) Decode(src []byte, v any) error           { return c.coder.Decode(src, v) }

// CheckType tells whether messages of type t can be encoded and decoded.
func (c *codec) CheckType(t reflect.Type) error { return c.coder.Check(t) }

// Coder lets the session's envelope be written in the same format.
func (c *codec) Coder() *serde.Coder { return c.coder }
