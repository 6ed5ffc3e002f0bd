package json

import (
	"reflect"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/serde"
)

// Codec is the codec with its defaults, for the Codec field of an endpoint. Its name is "json" and its messages travel
// in text frames.
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

func (c *codec) Name() string                { return "json" }
func (c *codec) FrameKind() tandem.FrameKind { return tandem.FrameText }

func (c *codec) Append(dst []byte, v any) ([]byte, error) { return c.coder.Append(dst, v) }
func (c *codec) Decode(src []byte, v any) error           { return c.coder.Decode(src, v) }

// CheckType tells whether messages of type t can be encoded and decoded.
func (c *codec) CheckType(t reflect.Type) error { return c.coder.Check(t) }

// Coder lets the session's envelope be written in the same format.
func (c *codec) Coder() *serde.Coder { return c.coder }
