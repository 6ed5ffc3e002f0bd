package schema

import (
	"reflect"

	"github.com/tandem-ws/tandem/internal/serde"
)

// Declaration is an endpoint as a program declares it.
type Declaration struct {
	Name            string // of the variable
	Path            string
	Params, In, Out reflect.Type
	Codec           string
	Text            bool
	// Format is the codec's, because types may have forms of their own in it. nil for a codec that has none.
	Format     serde.Format
	NativeOnly bool
	Limits     Limits
	Session    *Session
}

// Codec is what a declaration has to know of a codec.
type Codec interface{ Name() string }

// Declare declares all that the hash covers: a generator and a server that both call it cannot mean different things.
func Declare(path string, params, in, out reflect.Type, c Codec) Declaration {
	return Declaration{Path: path, Params: params, In: in, Out: out, Codec: c.Name(), Format: FormatOf(c)}
}

// FormatOf is the format of a codec; nil if it has none.
func FormatOf(c Codec) serde.Format {
	if c, ok := c.(interface{ Coder() *serde.Coder }); ok {
		return c.Coder().Format()
	}
	return nil
}
