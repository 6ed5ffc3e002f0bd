package envelope

import (
	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
)

// ParseFast is the way for messages in the usual spelling, ParseSlow the one for everything.
func (e *Codec) ParseFast(src []byte, f *session.Frame) bool { return e.parseFast(src, f) }

func (e *Codec) ParseSlow(src []byte, f *session.Frame) error {
	return e.parse(e.readers.Get().(serde.Reader), src, f)
}
