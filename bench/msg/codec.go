package msg

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	fxcbor "github.com/fxamacker/cbor/v2"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	tandemjson "github.com/tandem-ws/tandem/codec/json"
	tandemmsgpack "github.com/tandem-ws/tandem/codec/msgpack"
)

// Codecs by the name under which paths and workloads know them. The first three are this repository's. The others are
// what people write by hand today, each in the way its documentation begins with.
var Codecs = map[string]tandem.Codec{
	"json":    tandemjson.Codec,
	"cbor":    cbor.Codec,
	"msgpack": tandemmsgpack.Codec,

	"stdjson":  field{"json", tandem.FrameText, json.Marshal, json.Unmarshal},
	"fxcbor":   field{"cbor", tandem.FrameBinary, fxcbor.Marshal, fxcbor.Unmarshal},
	"vmsgpack": field{"msgpack", tandem.FrameBinary, msgpack.Marshal, unmarshalMsgpack},
}

// Ours gives the codec of this repository for the same wire as one of the field's.
func Ours(name string) string {
	switch name {
	case "stdjson":
		return "json"
	case "fxcbor":
		return "cbor"
	case "vmsgpack":
		return "msgpack"
	}
	return name
}

// CodecNames are the names of Codecs in order.
func CodecNames() []string {
	names := make([]string, 0, len(Codecs))
	for name := range Codecs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// field is a popular codec behind the interface.
type field struct {
	name      string
	kind      tandem.FrameKind
	marshal   func(any) ([]byte, error)
	unmarshal func([]byte, any) error
}

func (f field) Name() string                { return f.name }
func (f field) FrameKind() tandem.FrameKind { return f.kind }

func (f field) Append(dst []byte, v any) ([]byte, error) {
	b, err := f.marshal(v)
	return append(dst, b...), err
}

func (f field) Decode(src []byte, v any) error { return f.unmarshal(src, v) }

func unmarshalMsgpack(b []byte, v any) error {
	r := bytes.NewReader(b)
	if err := msgpack.NewDecoder(r).Decode(v); err != nil {
		return err
	}
	if r.Len() > 0 {
		return errors.Join(io.ErrUnexpectedEOF, errors.New("bytes behind the message"))
	}
	return nil
}
