// Package msgpack is the codec for MessagePack, as the Rust crate rmp-serde speaks it.
//
// What a Go type becomes is described in the package comment of codec/json for all three codecs. What is particular
// to MessagePack:
//
//   - Written: the shortest form of every integer (positive ones in the unsigned formats) and length, float32 and
//     float64 as they are, structs as maps by name, map entries sorted by their encoded keys. []byte is bin.
//   - Read: every form of integers and lengths, a struct also as an array of exactly its fields in declaration order,
//     an integer for a float, bin for text if it is valid UTF-8.
//   - big.Int goes out as an integer if 64 bits are enough, else as what rmp-serde writes for i128: bin with 16 bytes,
//     two's complement, big endian. The tag option format:u128 makes it u128, without a sign. Larger ones are refused.
//   - Refused: a float for an integer, str for bytes, invalid UTF-8, duplicate keys, ext types (timestamps too: a time
//     is RFC 3339 text), a variant by its number, bytes behind the message, nesting deeper than the limit.
//
// The codec is safe for concurrent use.
package msgpack

import (
	"reflect"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/serde"
)

// Codec is the codec with its defaults, for the Codec field of an endpoint. Its name is "msgpack" and its messages
// travel in binary frames.
var Codec = New(nil)

// Options changes how messages are encoded and decoded.
type Options struct {
	// MaxDepth is how deep lists and maps may nest. It holds for encoding too, where it catches values that contain
	// themselves. Default: 64, also for values below 1.
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

func (c *codec) Name() string                { return "msgpack" }
func (c *codec) FrameKind() tandem.FrameKind { return tandem.FrameBinary }

func (c *codec) Append(dst []byte, v any) ([]byte, error) { return c.coder.Append(dst, v) }
func (c *codec) Decode(src []byte, v any) error           { return c.coder.Decode(src, v) }

// CheckType tells whether messages of type t can be encoded and decoded.
func (c *codec) CheckType(t reflect.Type) error { return c.coder.Check(t) }

// Coder lets the session's envelope be written in the same format.
func (c *codec) Coder() *serde.Coder { return c.coder }
