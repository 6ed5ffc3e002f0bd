package envelope_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/session/envelope"
)

func coder(c tandem.Codec) *serde.Coder { return c.(interface{ Coder() *serde.Coder }).Coder() }

var (
	inJSON    = envelope.New(coder(json.Codec))
	inCBOR    = envelope.New(coder(cbor.Codec))
	inMsgPack = envelope.New(coder(msgpack.Codec))
	asBytes   = envelope.Opaque(coder(cbor.Codec))
)

var envelopes = map[string]*envelope.Codec{"json": inJSON, "cbor": inCBOR, "msgpack": inMsgPack, "opaque": asBytes}

// payloads is the text "hi" in each.
var payloads = map[string]string{"json": `"hi"`, "cbor": "\x62hi", "msgpack": "\xa2hi", "opaque": "\x00anything"}

var metas = map[string]string{"json": `{"re":7}`, "cbor": "\xa1\x62re\x07", "msgpack": "\x81\xa2re\x07", "opaque": "\xa1\x62re\x07"}

func TestFrames_roundTrip(t *testing.T) {
	key := strings.Repeat("k", 22)
	for name, e := range envelopes {
		payload := []byte(payloads[name])
		for _, f := range []session.Frame{
			{Kind: session.Msg, Seq: 1, Payload: payload},
			{Kind: session.Msg, Seq: 23, Payload: payload},
			{Kind: session.Msg, Seq: 24, Payload: payload},
			{Kind: session.Msg, Seq: 127, Payload: payload},
			{Kind: session.Msg, Seq: 128, Payload: payload},
			{Kind: session.Msg, Seq: 256, Payload: payload},
			{Kind: session.Msg, Seq: 1 << 16, Payload: payload},
			{Kind: session.Msg, Seq: 1 << 32, Payload: payload},
			{Kind: session.Msg, Seq: session.MaxSeq, Payload: payload},
			{Kind: session.Volatile, Payload: payload},
			{Kind: session.Call, Seq: 3, Payload: payload},
			{Kind: session.Reply, Seq: 4, Payload: payload, Meta: []byte(metas[name])},
			{Kind: session.Fail, Seq: 5, Payload: payload, Meta: []byte(metas[name])},
			{Kind: session.Ack, N: 0},
			{Kind: session.Ack, N: session.MaxSeq},
			{Kind: session.Ping, N: 300},
			{Kind: session.Pong, N: 7},
			{Kind: session.HelloK, Body: &session.Hello{V: 1}},
			{Kind: session.HelloK, Body: &session.Hello{V: 2, SID: "s", Key: key, Try: 3, RX: 70000, Epoch: "e", Schema: "x", Auth: "token"}},
			{Kind: session.WelcomeK, Body: &session.Welcome{V: 1, SID: "s", Key: key, Epoch: "e", Window: session.DefaultWindow(), Beat: 1}},
			{Kind: session.WelcomeK, Body: &session.Welcome{V: 1, SID: "s", Key: key, Why: "gap", HasRX: true, Epoch: "e", Window: session.Window{N: 1, Bytes: 2, MS: 3}}},
			{Kind: session.WelcomeK, Body: &session.Welcome{V: 1, SID: "s", Key: key, Resumed: true, RX: 9, HasRX: true, Epoch: "e", Window: session.DefaultWindow()}},
			{Kind: session.GoawayK, Body: &session.Goaway{Why: "restart", Min: 1, Max: 2, Resumable: true}},
			{Kind: session.AuthK, Body: &session.Auth{N: 1, Auth: "token"}},
			{Kind: session.AuthK, Body: &session.Auth{N: 1, Answer: true, OK: true}},
			{Kind: session.AuthK, Body: &session.Auth{N: 1, Answer: true, Why: "old"}},
		} {
			b, err := e.Append([]byte("before"), &f)
			assert.NoError(t, err)
			var got session.Frame
			assert.NoError(t, e.Parse(b[len("before"):], &got), "%s %s %x", name, f.Kind, b)
			assert.Equal(t, got, f, "%s %s", name, f.Kind)
		}
	}
}

// The table of spec/session.md, section 2.
func TestFrames_specification(t *testing.T) {
	for name, want := range map[string]string{
		"json":    hex.EncodeToString([]byte(`[0,17,"hi"]`)),
		"cbor":    "830011626869",
		"msgpack": "930011a26869",
		"opaque":  "8300115a0000000900616e797468696e67",
	} {
		e := envelopes[name]
		b := e.AppendHeader(nil, session.Msg, 17, false)
		at := len(b)
		b = e.AppendTail(append(b, payloads[name]...), at, nil)
		assert.Equal(t, hex.EncodeToString(b), want, name)
	}
}

func TestParse_accepts(t *testing.T) {
	for _, row := range []struct {
		in      string
		src     string
		kind    session.Kind
		seq     uint64
		payload string
		meta    string
	}{
		{"json", ` [ 0 , 17 , {"a" : 1} ] `, session.Msg, 17, `{"a" : 1}`, ""},
		{"json", `[0,17, "x" ]`, session.Msg, 17, `"x"`, ""},
		{"json", `[0,17,"],["]`, session.Msg, 17, `"],["`, ""},
		{"json", `[0,17,"\\\"],{\\"]`, session.Msg, 17, `"\\\"],{\\"`, ""},
		{"json", `[0,17,"a",{}]`, session.Msg, 17, `"a"`, "{}"},
		{"json", `[0,17,2,{} ]`, session.Msg, 17, `2`, "{}"},
		{"json", `[0,17,{"a":[{"b":"}"}]}]`, session.Msg, 17, `{"a":[{"b":"}"}]}`, ""},
		{"json", `[0,17,{"a":1},{"b":2}]`, session.Msg, 17, `{"a":1}`, `{"b":2}`},
		{"json", `[0,17,[{}],{"b":2}]`, session.Msg, 17, `[{}]`, `{"b":2}`},
		{"json", `[1,0,-1.5e3]`, session.Volatile, 0, `-1.5e3`, ""},
		{"json", `[0,1,2,{"zz":[null]}]`, session.Msg, 1, "2", `{"zz":[null]}`},
		{"json", `[77,0,null]`, session.Unknown, 0, "null", ""},
		{"json", `[9007199254740991,3,null]`, session.Unknown, 3, "null", ""},
		{"json", `[0,18446744073709551615,null]`, session.Msg, 1<<64 - 1, "null", ""}, // 4904 is for the state machine
		{"json", `[2,0,{"zz":null,"rx":5}]`, session.Ack, 0, "", ""},
		{"json", `[7,0,{"v":1,"zz":{"a":[]}}]`, session.HelloK, 0, "", ""},
		{"json", "[0,1," + strings.Repeat("[", 64) + strings.Repeat("]", 64) + "]", session.Msg, 1, strings.Repeat("[", 64) + strings.Repeat("]", 64), ""},
		{"cbor", "\x83\x00\x18\x05\x01", session.Msg, 5, "\x01", ""},         // not the shortest form
		{"cbor", "\x9f\x00\x05\x01\xff", session.Msg, 5, "\x01", ""},         // a list of indefinite length
		{"cbor", "\x9f\x00\x05\x01\xa0\xff", session.Msg, 5, "\x01", "\xa0"}, // and with meta
		{"cbor", "\x98\x03\x18\x00\x1b\x00\x00\x00\x00\x00\x00\x00\x05\x01", session.Msg, 5, "\x01", ""},
		{"cbor", "\x84\x00\x05\x01\xa1\x61z\x00", session.Msg, 5, "\x01", "\xa1\x61z\x00"},
		{"cbor", "\x83\x18\x63\x05\x82\x01\x02", session.Unknown, 5, "\x82\x01\x02", ""},
		{"msgpack", "\x93\x00\xcc\x05\x01", session.Msg, 5, "\x01", ""},
		{"msgpack", "\xdc\x00\x03\xcc\x00\xd3\x00\x00\x00\x00\x00\x00\x00\x05\x01", session.Msg, 5, "\x01", ""},
		{"msgpack", "\x94\x00\x05\x01\x81\xa1z\xc0", session.Msg, 5, "\x01", "\x81\xa1z\xc0"},
		{"opaque", "\x83\x00\x05\x42hi", session.Msg, 5, "hi", ""},
		{"opaque", "\x84\x03\x05\x58\x02hi\xa0", session.Call, 5, "hi", "\xa0"},
		{"opaque", "\x83\x06\x05\x40", session.Cancel, 5, "", ""},
	} {
		var f session.Frame
		assert.NoError(t, envelopes[row.in].Parse([]byte(row.src), &f), "%s %q", row.in, row.src)
		assert.Equal(t, f.Kind, row.kind, row.src)
		assert.Equal(t, f.Seq, row.seq, row.src)
		assert.Equal(t, string(f.Payload), row.payload, row.src)
		assert.Equal(t, string(f.Meta), row.meta, row.src)
	}
}

func TestParse_refuses(t *testing.T) {
	for _, row := range []struct {
		in, src string
		text    string
	}{
		{"json", ``, "frame: the message ends too early (offset 0)"},
		{"json", `{}`, "frame: a map where a frame belongs (offset 0)"},
		{"json", `[]`, "three or four elements (offset 1)"},
		{"json", `[0,1]`, "three or four elements (offset 4)"},
		{"json", `[0,1,]`, "(offset 5)"},
		{"json", `[0,1,2,{},5]`, "three or four elements (offset 9)"},
		{"json", `[0,1,2] `, ""},
		{"json", `[0,1,2]3`, "bytes behind the message (offset 7)"},
		{"json", `[99,1,{"a":1,"a":2}]`, "a name comes twice (offset 6)"},
		{"json", `[0,1,2,3]`, "an integer where meta, a map, belongs (offset 7)"},
		{"json", `[0,1,2,null]`, "null where meta, a map, belongs (offset 7)"},
		{"json", `[0,-1,2]`, "a negative number (offset 3)"},
		{"json", `[-1,1,2]`, "a negative number (offset 1)"},
		{"json", `[0,1.0,2]`, "a float where an integer belongs (offset 3)"},
		{"json", `["0",1,2]`, "text where an integer belongs (offset 1)"},
		{"json", `[0,99999999999999999999,2]`, "an integer beyond 64 bits (offset 3)"},
		{"json", `[9007199254740992,0,2]`, "a kind above 2^53-1 (offset 1)"},
		{"json", `[00,1,2]`, "(offset 2)"},
		{"json", `[0,01,2]`, "(offset 4)"},
		{"json", "[99,1," + strings.Repeat("[", 65) + strings.Repeat("]", 65) + "]", "nested too deep (offset 70)"},
		{"json", "[0,1,2,{\"a\":\"" + strings.Repeat("x", 1024) + "\"}]", "meta that is too long (offset 7)"},
		{"json", `[2,0,[5]]`, "a control frame without a map (offset 5)"},
		{"json", `[2,0,{}]`, "ack: a number that is missing or above 2^53-1 (offset 5)"},
		{"json", `[2,0,{"rx":"5"}]`, "ack.rx: text where an integer belongs (offset 11)"},
		{"json", `[2,0,{"rx":null}]`, "ack.rx: null where an integer belongs (offset 11)"},
		{"json", `[2,0,{"rx":5,"rx":5}]`, "a name comes twice (offset 5)"},
		{"json", `[2,0,{"rx":9007199254740992}]`, "above 2^53-1"},
		{"json", `[7,0,{}]`, "hello: no revision (offset 5)"},
		{"json", `[7,0,{"v":1,"sid":"s","epoch":"e"}]`, "key is missing, too short or too long"},
		{"json", `[7,0,{"v":1,"sid":"s","key":"01234567890123456789 2","epoch":"e"}]`, "key is not base64url"},
		{"json", `[7,0,{"v":1,"sid":"s","key":"0123456789012345678912"}]`, "epoch is missing"},
		{"json", `[7,0,{"v":1,"auth":"` + strings.Repeat("x", 8193) + `"}]`, "auth is missing, too short or too long"},
		{"json", `[7,0,{"v":1,"zz":"` + strings.Repeat("x", 16<<10) + `"}]`, "a control frame that is too long (offset 16384)"},
		{"json", `[8,0,{"v":1,"sid":"s","key":"0123456789012345678912","epoch":"e","window":{"n":0,"bytes":1,"ms":1}}]`, "a window of nothing"},
		{"json", `[11,0,{"min":2,"max":1}]`, "min above max"},
		{"cbor", "\x83\x00\x01", "a length beyond the end of the message (offset 0)"},
		{"cbor", "\x83\x00\x19\x01", "ends too early (offset 4)"},
		{"cbor", "\x82\x00\x01", "three or four elements (offset 0)"},
		{"cbor", "\x85\x00\x01\x00\xa0\x00", "three or four elements (offset 0)"},
		{"cbor", "\x9f\x00\x01\x00\xa0\x00\xff", "three or four elements (offset 5)"},
		{"cbor", "\x9f\x00\x01\xff", "three or four elements (offset 3)"},
		{"cbor", "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "a length beyond the end of the message (offset 0)"},
		{"cbor", "\x84\x00\x01\x01\xa1\x01\x01", "a key that is not text (offset 4)"},
		{"cbor", "\x83\x18\x63\x01\x01\x01", "bytes behind the message (offset 5)"},
		{"cbor", "\x83\x00\x20\x01", "a negative number (offset 2)"},
		{"msgpack", "\x93\x00\x01", "a length beyond the end of the message (offset 0)"},
		{"msgpack", "\xdd\xff\xff\xff\xff", "a length beyond the end of the message (offset 0)"},
		{"msgpack", "\x84\x00\x01\x01\x01", "a map where a frame belongs (offset 0)"},
		{"msgpack", "\x93\x00\xff\x01", "a negative number (offset 2)"},
		{"opaque", "\x83\x00\x05\x62hi", "a payload that is not bytes in one piece (offset 3)"},
		{"opaque", "\x83\x00\x05\x5f\x41a\xff", "a payload that is not bytes in one piece (offset 3)"},
		{"opaque", "\x83\x00\x05\x42hi\x00", "bytes behind the message (offset 6)"},
	} {
		var f session.Frame
		err := envelopes[row.in].Parse([]byte(row.src), &f)
		if row.text == "" {
			assert.NoError(t, err, row.src)
			continue
		}
		if err == nil || !strings.Contains(err.Error(), row.text) {
			t.Errorf("%s %.80q: %v, want %q", row.in, row.src, err, row.text)
		}
	}
}

// A payload of a binary message is the rest of the frame: what is wrong with it the message's codec says.
func TestParse_restOfFrame(t *testing.T) {
	var f session.Frame
	assert.NoError(t, inCBOR.Parse([]byte("\x83\x00\x01\xff\xff"), &f))
	assert.Equal(t, string(f.Payload), "\xff\xff")
	var v any
	assert.True(t, cbor.Codec.Decode(f.Payload, &v) != nil, "the codec refuses it")
}

func TestOpaque_wantsCBOR(t *testing.T) {
	defer func() { assert.True(t, recover() != nil, "JSON cannot carry bytes as they are") }()
	envelope.Opaque(coder(json.Codec))
}

func TestAppend_badText(t *testing.T) {
	_, err := inJSON.Append(nil, &session.Frame{Kind: session.AuthK, Body: &session.Auth{Auth: "\xff"}})
	assert.True(t, err != nil, "invalid UTF-8 is refused")
	_, err = inJSON.Append(nil, &session.Frame{Kind: session.HelloK})
	assert.True(t, err != nil, "a body is missing")
}

func TestAllocations(t *testing.T) {
	for name, e := range envelopes {
		buf := make([]byte, 0, 256)
		payload := []byte(payloads[name])
		var f session.Frame
		allocs := testing.AllocsPerRun(100, func() {
			buf = e.AppendHeader(buf[:0], session.Msg, 1000, false)
			at := len(buf)
			buf = e.AppendTail(append(buf, payload...), at, nil)
			if err := e.Parse(buf, &f); err != nil || !bytes.Equal(f.Payload, payload) {
				t.Fatal(err)
			}
		})
		assert.Equal(t, allocs, 0.0, name)
	}
}

func FuzzParse(f *testing.F) {
	for _, e := range envelopes {
		for _, frame := range []session.Frame{
			{Kind: session.Msg, Seq: 300, Payload: []byte(`"a"`)},
			{Kind: session.Ack, N: 5},
			{Kind: session.HelloK, Body: &session.Hello{V: 1, SID: "s", Key: strings.Repeat("k", 22), Try: 1, RX: 1, Epoch: "e"}},
			{Kind: session.WelcomeK, Body: &session.Welcome{V: 1, SID: "s", Key: strings.Repeat("k", 22), Epoch: "e", HasRX: true, Window: session.DefaultWindow()}},
			{Kind: session.AuthK, Body: &session.Auth{N: 1, Auth: "x"}},
		} {
			b, _ := e.Append(nil, &frame)
			f.Add(b)
		}
	}
	f.Add([]byte(`[4,2,{"a":[1]},{"re":1}]`))
	f.Fuzz(func(t *testing.T, src []byte) {
		before := bytes.Clone(src)
		for name, e := range envelopes {
			fuzzOne(t, name, e, src)
		}
		assert.True(t, bytes.Equal(src, before), "the input is as it was")
	})
}

func fuzzOne(t *testing.T, name string, e *envelope.Codec, src []byte) {
	var f session.Frame
	if err := e.Parse(src, &f); err != nil {
		var at *serde.Error
		if !errors.As(err, &at) || at.Offset() < 0 || at.Offset() > len(src) || len(err.Error()) > 200 {
			t.Fatalf("%s: the error %#v for %q", name, err, src)
		}
		return
	}
	if len(f.Payload)+len(f.Meta) > len(src) || f.Kind.Control() != (f.Payload == nil) || len(f.Meta) > session.MaxMeta {
		t.Fatalf("%s: %q gave %+v", name, src, f)
	}
	// The fast way and the slow one agree, but for what the fast one leaves to the codec.
	var fast, slow session.Frame
	if e.ParseFast(src, &fast) {
		if err := e.ParseSlow(src, &slow); err == nil && (fast.Kind != slow.Kind || fast.Seq != slow.Seq || !bytes.Equal(fast.Payload, slow.Payload)) {
			t.Fatalf("%s: %q gave %+v and %+v", name, src, fast, slow)
		}
	}
	if name == "json" && f.Kind <= session.Volatile && json.Codec.Decode(f.Payload, new(any)) != nil {
		return // it would go out with a trailing bracket that means something else
	}
	if f.Kind == session.Unknown {
		return
	}
	b, err := e.Append(nil, &f)
	if err != nil {
		t.Fatalf("%s: %q as %+v: %v", name, src, f, err)
	}
	var again session.Frame
	if err := e.Parse(b, &again); err != nil {
		if f.Kind.Control() && len(src) > len(b) {
			return
		}
		t.Fatalf("%s: %q went out as %q: %v", name, src, b, err)
	}
	c, err := e.Append(nil, &again)
	if err != nil || !bytes.Equal(b, c) {
		t.Fatalf("%s: %q went out as %q and %q", name, src, b, c)
	}
}

func BenchmarkEnvelope(b *testing.B) {
	for name, c := range map[string]tandem.Codec{"json": json.Codec, "cbor": cbor.Codec, "msgpack": msgpack.Codec} {
		e := envelope.New(coder(c))
		type chat struct {
			Room string
			Text string
		}
		in, out := chat{"lobby", "hello world, this is"}, chat{}
		buf := make([]byte, 0, 512)
		b.Run("plain/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf, _ = c.Append(buf[:0], &in)
				if err := c.Decode(buf, &out); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("session/"+name, func(b *testing.B) {
			b.ReportAllocs()
			var f session.Frame
			for b.Loop() {
				buf = e.AppendHeader(buf[:0], session.Msg, 1000, false)
				at := len(buf)
				buf, _ = c.Append(buf, &in)
				buf = e.AppendTail(buf, at, nil)
				if err := e.Parse(buf, &f); err != nil {
					b.Fatal(err)
				}
				if err := c.Decode(f.Payload, &out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
