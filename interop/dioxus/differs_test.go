package dioxus_test

import (
	"context"
	"math"
	"math/big"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

// difference is a value about which the two do not agree, and what becomes of it. docs/dioxus.md gives the reasons.
type difference struct {
	name string // of the test
	run  func(t *testing.T, base string)
}

// What becomes of a value.
const (
	refused = "refused" // it cannot be decoded
	unsent  = "unsent"  // it cannot be encoded
)

// differs compares what becomes of a value on both ways: what Dioxus sends is read as want, or refused; and what Go
// sends is read by Dioxus as a value with that text, or refused. The endpoint is one of src/differs.rs.
func differs[T any](name, path string, codec tandem.Codec, want any, send T, read string) difference {
	return difference{name, func(t *testing.T, base string) {
		t.Helper()
		ctx := within(t)
		endpoint := &tandem.Endpoint[struct{}, T, T]{Path: "/differs/" + path, Codec: codec}
		dial := func() *tandem.Conn[T, T] {
			c, err := endpoint.Dial(ctx, base, struct{}{}, nil)
			assert.NoError(t, err)
			return c
		}
		c := dial()
		got, err := c.Recv(ctx)
		if want == refused {
			assert.Equal(t, assert.ErrorAs[*tandem.DecodeError](t, err).Codec, codec.Name())
		} else {
			assert.NoError(t, err)
			assert.Equal(t, any(got), want)
		}
		c.Close(tandem.CodeNormal, "") // after a refusal it is closed already

		c = dial()
		defer c.Close(tandem.CodeNormal, "")
		_, err = c.Raw().Recv(ctx) // the value
		assert.NoError(t, err)
		err = c.Send(ctx, send)
		if read == unsent {
			assert.ErrorAs[*tandem.EncodeError](t, err)
			return
		}
		assert.NoError(t, err)
		answer, err := c.Raw().Recv(ctx)
		assert.NoError(t, err)
		assert.Equal(t, string(answer.Data), read)
	}}
}

// Braces is an enum of Rust with a variant Empty {}.
type Braces interface{ braces() }

type (
	BracesEmpty struct{}
	BracesFull  struct {
		A int32 `json:"a"`
	}
)

func (BracesEmpty) braces() {}
func (BracesFull) braces()  {}

// Braces2 is the same enum with a field that is never there, so that the variant is an object.
type Braces2 interface{ braces2() }

type Braces2Empty struct {
	Nothing *struct{} `json:"nothing,omitempty"`
}

func (Braces2Empty) braces2() {}

var (
	_ = tandem.Union[Braces](map[string]Braces{"Empty": BracesEmpty{}, "Full": BracesFull{}})
	_ = tandem.Union[Braces2](map[string]Braces2{"Empty": Braces2Empty{}})
)

func differences() []difference {
	deep := chain(70)
	return []difference{
		differs("no NaN in JSON", "nan", json.Codec, refused, math.NaN(), unsent),
		differs("bytes are base64 in JSON", "bytes_json", json.Codec, []byte{1, 2, 200}, []byte{1, 2, 200}, refused),
		differs("skipped fields in MsgPack", "skipped", msgpack.Codec, refused, Sparse{A: 1, C: 3}, "Sparse { a: 1, b: None, c: 3 }"),
		differs("internally tagged fieldless variant in MsgPack", "internal_unit", msgpack.Codec, refused, Internal{"B", nil}, "B"),
		differs[Adjacent]("adjacently tagged fieldless variant in MsgPack", "adjacent_unit", msgpack.Codec, AdjacentC{}, AdjacentC{}, "C"),
		differs[Braces]("variant with empty braces in JSON", "braces_json", json.Codec, BracesEmpty{}, BracesEmpty{}, refused),
		differs[Braces]("variant with empty braces in CBOR", "braces_cbor", cbor.Codec, BracesEmpty{}, BracesEmpty{}, refused),
		differs[Braces]("variant with empty braces in MsgPack", "braces_msgpack", msgpack.Codec, BracesEmpty{}, BracesEmpty{}, refused),
		differs[Braces2]("variant with empty braces and an absent field in JSON", "braces_json", json.Codec, Braces2Empty{}, Braces2Empty{}, "Empty"),
		differs[Braces2]("variant with empty braces and an absent field in CBOR", "braces_cbor", cbor.Codec, Braces2Empty{}, Braces2Empty{}, "Empty"),
		differs[Braces2]("variant with empty braces and an absent field in MsgPack", "braces_msgpack", msgpack.Codec, refused, Braces2Empty{}, "Empty"),
		differs[*int32]("option in an option in JSON", "nested_option_json", json.Codec, (*int32)(nil), nil, "None"),
		differs[*int32]("option in an option in CBOR", "nested_option_cbor", cbor.Codec, (*int32)(nil), nil, "None"),
		differs[*int32]("option in an option in MsgPack", "nested_option_msgpack", msgpack.Codec, (*int32)(nil), nil, "None"),
		differs("keys that are tuples in CBOR", "tuple_key_cbor", cbor.Codec, refused, map[string]uint8{"a": 1}, refused),
		differs("keys that are tuples in MsgPack", "tuple_key_msgpack", msgpack.Codec, refused, map[string]uint8{"a": 1}, refused),
		differs("a field that Rust lacks in JSON", "grown_json", json.Codec, After{1, nil}, After{2, new("x")}, "Before { a: 2 }"),
		differs("a field that Rust lacks in CBOR", "grown_cbor", cbor.Codec, After{1, nil}, After{2, new("x")}, "Before { a: 2 }"),
		differs("a field that Rust lacks in MsgPack", "grown_msgpack", msgpack.Codec, refused, After{2, new("x")}, "Before { a: 2 }"),
		differs("a field that Go lacks in JSON", "shrunk_json", json.Codec, Before{1}, Before{2}, "After { a: 2, b: None }"),
		differs("a field that Go lacks in CBOR", "shrunk_cbor", cbor.Codec, Before{1}, Before{2}, "After { a: 2, b: None }"),
		differs("a field that Go lacks in MsgPack", "shrunk_msgpack", msgpack.Codec, refused, Before{2}, "After { a: 2, b: None }"),
		differs("deeper than 64 in JSON", "deep_json", json.Codec, refused, deep, unsent),
		differs("deeper than 64 in CBOR", "deep_cbor", cbor.Codec, refused, deep, unsent),
		differs("deeper than 64 in MsgPack", "deep_msgpack", msgpack.Codec, refused, deep, unsent),
		differs("u128 without a tag in MsgPack", "wide_msgpack", msgpack.Codec, big.NewInt(-1), bigInt("0xffffffffffffffffffffffffffffffff"), unsent),
		differs("addresses in CBOR", "address_cbor", cbor.Codec, refused, netip.MustParseAddr("127.0.0.1"), refused),
		differs("durations", "duration_json", json.Codec, refused, time.Second, refused),
		differs("a text that is no char", "character_json", json.Codec, "é", "ab", refused),
		differs[any]("an integer for a float in CBOR", "float_cbor", cbor.Codec, 1.0, int64(1), refused),
		differs("another time zone", "time_json", json.Codec, time.Unix(0, 0).UTC(), time.Unix(0, 0).In(time.FixedZone("", 7200)), "1970-01-01T00:00:00Z"),
	}
}

func TestServer_differs(t *testing.T) {
	_, base := startServer(t)
	for _, d := range differences() {
		t.Run(d.name, func(t *testing.T) { d.run(t, base) })
	}
}

// What comes behind a message is refused in Go, and in CBOR not seen in Rust.
func TestServer_differsBehindAMessage(t *testing.T) {
	_, base := startServer(t)
	ctx := within(t)
	endpoint := &tandem.Endpoint[struct{}, int32, int32]{Path: "/differs/trailing_cbor", Codec: cbor.Codec}
	c, err := endpoint.Dial(ctx, base, struct{}{}, nil)
	assert.NoError(t, err)
	defer c.Close(tandem.CodeNormal, "")
	_, err = c.Recv(ctx)
	assert.NoError(t, err)
	assert.NoError(t, c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameBinary, Data: []byte{0x05, 0xff}}))
	answer, err := c.Raw().Recv(ctx)
	assert.NoError(t, err)
	assert.Equal(t, string(answer.Data), "5")
	var n int32
	assert.True(t, cbor.Codec.Decode([]byte{0x05, 0xff}, &n) != nil, "bytes behind the message")
}

// An empty list in a query is no list there, and a Vec must be there.
func TestServer_differsInEmptyLists(t *testing.T) {
	_, base := startServer(t)
	type params struct {
		Case  int      `query:"case"`
		Words []string `query:"words"`
	}
	endpoint := &tandem.Endpoint[params, string, string]{Path: "/nested", Codec: json.Codec}
	_, err := endpoint.Dial(within(t), base, params{0, []string{}}, nil)
	assert.Equal(t, assert.ErrorAs[*tandem.HandshakeError](t, err).Status, http.StatusInternalServerError)
}

// A client of Dioxus writes path arguments as they are, so some lead elsewhere.
func TestClient_differsInPaths(t *testing.T) {
	m, base := listen(t)
	p := startClient(t, base)
	groups[0].answer(m)
	for _, sample := range escaped {
		t.Run(sample.Text, func(t *testing.T) {
			p.tell(t, command{"do": "params", "name": "path", "case": sample.Case})
			e := p.next(t)
			assert.Equal(t, e.Event, "failed", e.Text)
		})
	}
}

// An enum with content in a query is a struct with a pointer for each variant in Go.
func TestClient_differsInVariants(t *testing.T) {
	m, base := listen(t)
	type params struct {
		Kind struct {
			Small *string `query:"Small"`
			Large *struct {
				Size uint32 `query:"size"`
			} `query:"Large"`
		} `query:"kind"`
	}
	endpoint := &tandem.Endpoint[params, string, string]{Path: "/variants?kind", Codec: json.Codec}
	got := make(chan params, 1)
	serve(m, endpoint, func(_ context.Context, p params, _ *tandem.Conn[string, string]) error {
		got <- p
		return nil
	})
	p := startClient(t, base)
	for _, row := range []struct {
		name  string
		small *string
		large uint32
	}{{"small", new("x"), 0}, {"large", nil, 7}} {
		t.Run(row.name, func(t *testing.T) {
			p.do(t, command{"do": "variant", "name": row.name})
			kind := soon(t, got).Kind
			assert.Equal(t, kind.Small, row.small)
			if row.large != 0 {
				assert.Equal(t, kind.Large.Size, row.large)
			} else {
				assert.True(t, kind.Large == nil)
			}
		})
	}
}
