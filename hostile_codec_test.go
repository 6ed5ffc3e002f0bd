package tandem_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

// Messages that are good frames and no messages.

type (
	shouted interface{ shouted() }

	shoutedText string
	shoutedPair struct {
		A, B int
		More []shoutedPair
	}
	shoutedLeave struct{}
)

func (shoutedText) shouted()  {}
func (shoutedPair) shouted()  {}
func (shoutedLeave) shouted() {}

var _ = tandem.Union[shouted](map[string]shouted{"TextInput": shoutedText(""), "Pair": shoutedPair{}, "Leave": shoutedLeave{}})

// onShout serves an endpoint that answers a text in upper case.
func onShout(t *testing.T, codec tandem.Codec) (*site, <-chan error) {
	t.Helper()
	e := &tandem.Endpoint[struct{}, shouted, string]{Path: "/shout", Codec: codec}
	ended := make(chan error, 10)
	return onLoopback(t, e, func(ctx context.Context, _ struct{}, c *tandem.Conn[shouted, string]) error {
		for msg, err := range c.Messages(ctx) {
			if err != nil {
				ended <- err
				return err
			}
			if text, ok := msg.(shoutedText); ok {
				if err := c.Send(ctx, strings.ToUpper(string(text))); err != nil {
					return err
				}
			}
		}
		return nil
	}, nil), ended
}

// undecodable is a message that is refused, and words of the reason.
type undecodable struct {
	name    string
	payload string
	words   []string
}

func refusesAll(t *testing.T, codec tandem.Codec, op byte, good, answer string, rows []undecodable) {
	t.Helper()
	s, ended := onShout(t, codec)
	other := s.open(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := s.open(t)
			p.send(rawFrame{op: op, payload: []byte(row.payload)}, rawFrame{op: op, payload: []byte(good)})
			reason := p.expectClose(1007)
			if !utf8.ValidString(reason) || len(reason) > 123 {
				t.Errorf("reason %q", reason)
			}
			for _, word := range append(row.words, codec.Name()+": ") {
				if !strings.Contains(reason, word) {
					t.Errorf("reason %q does not say %q", reason, word)
				}
			}
			de := assert.ErrorAs[*tandem.DecodeError](t, <-ended)
			assert.Equal(t, de.Codec, codec.Name())
			assert.True(t, strings.HasSuffix(de.Type, "shouted"), de.Type)
			assert.True(t, de.Err != nil && errors.Is(de, de.Err))
		})
	}
	other.send(rawFrame{op: op, payload: []byte(good)})
	other.expect(map[tandem.FrameKind]byte{tandem.FrameText: opText, tandem.FrameBinary: opBinary}[codec.FrameKind()], answer)
	other.hangUp()
}

func TestHostile_codec_json(t *testing.T) {
	refusesAll(t, json.Codec, opText, `{"TextInput":"hi"}`, `"HI"`, []undecodable{
		{"wrong type", `{"TextInput":5}`, []string{"TextInput"}},
		{"unknown variant", `{"Shout":"hi"}`, []string{"Shout"}},
		{"unknown bare variant", `"Shout"`, []string{"Shout"}},
		{"variant in another case", `{"textinput":"hi"}`, []string{"textinput"}},
		{"two variants", `{"TextInput":"hi","Leave":null}`, nil},
		{"variant twice", `{"TextInput":"hi","TextInput":"ho"}`, nil},
		{"no variant", `{}`, nil},
		{"content for nothing", `"TextInput"`, nil},
		{"null", `null`, nil},
		{"number", `7`, nil},
		{"field twice", `{"Pair":{"A":1,"A":2}}`, []string{"A"}},
		{"out of range", `{"Pair":{"A":9223372036854775808}}`, []string{"A"}},
		{"float for int", `{"Pair":{"A":1.0}}`, []string{"A"}},
		{"empty", ``, nil},
		{"truncated", `{"TextInput":"hi"`, nil},
		{"truncated string", `{"TextInput":"hi`, nil},
		{"trailing bytes", `{"TextInput":"hi"}x`, nil},
		{"two messages", `"Leave" "Leave"`, nil},
		{"lone surrogate", `{"TextInput":"\ud800"}`, nil},
		{"comment", `/**/"Leave"`, nil},
		{"BOM", "\ufeff\"Leave\"", nil},
		{"too deep", strings.Repeat(`{"Pair":{"More":[`, 3000), nil},
		{"10,000 brackets", strings.Repeat("[", 10_000), nil},
		{"10,000 brackets in an unknown field", `{"Pair":{"X":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}}`, nil},
		{"long tag", `{"` + strings.Repeat("t", 60_000) + `":1}`, []string{"ttt"}},
		{"long tag of long letters", `{"` + strings.Repeat("€", 500) + `":1}`, []string{`\u20ac\u20ac`}},
		{"tag with a line break", `{"a\r\nb\u0000":1}`, nil},
	})
}

func TestHostile_codec_jsonBytes(t *testing.T) {
	refusesAll(t, json.Codec, opBinary, `{"TextInput":"hi"}`, `"HI"`, []undecodable{ // both kinds of frames are good
		{"invalid UTF-8", "{\"TextInput\":\"\xff\"}", nil},
		{"invalid UTF-8 in the tag", "{\"\xff\":1}", nil},
		{"NUL", "\x00", nil},
	})
}

func TestHostile_codec_cbor(t *testing.T) {
	const good = "\xa1\x69TextInput\x62hi"
	refusesAll(t, cbor.Codec, opBinary, good, "\x62HI", []undecodable{
		{"wrong type", "\xa1\x69TextInput\x05", []string{"TextInput"}},
		{"unknown variant", "\xa1\x65Shout\x62hi", []string{"Shout"}},
		{"truncated", good[:len(good)-1], nil},
		{"truncated header", "\xa1\x69TextInput\x78", nil},
		{"trailing byte", good + "\x00", nil},
		{"empty", "", nil},
		{"text of 2^63 bytes", "\xa1\x69TextInput\x7b\x80\x00\x00\x00\x00\x00\x00\x00", nil},
		{"text of 4 GiB", "\xa1\x69TextInput\x7a\xff\xff\xff\xff", nil},
		{"map of 2^64-1 pairs", "\xbb\xff\xff\xff\xff\xff\xff\xff\xff", nil},
		{"list of 2^32 elements", "\xa1\x64Pair\xa1\x64More\x9a\xff\xff\xff\xff", nil},
		{"nested claims", "\xa1\x64Pair\xa1\x64More" + strings.Repeat("\x99\xff\xff\xa1\x64More", 50), nil},
		{"too deep", "\xa1\x64Pair\xa1\x61X" + strings.Repeat("\x81", 10_000), nil},
		{"tags", strings.Repeat("\xc1", 10_000), nil},
		{"indefinite lists", "\xa1\x64Pair\xa1\x61X" + strings.Repeat("\x9f", 10_000), nil},
		{"invalid UTF-8", "\xa1\x69TextInput\x62\xff\xff", nil},
		{"key twice", "\xa1\x64Pair\xa2\x61A\x01\x61A\x02", []string{"A"}},
		{"reserved length", "\x1c", nil},
		{"lone break", "\xff", nil},
	})
}

func TestHostile_codec_msgpack(t *testing.T) {
	const good = "\x81\xa9TextInput\xa2hi"
	refusesAll(t, msgpack.Codec, opBinary, good, "\xa2HI", []undecodable{
		{"wrong type", "\x81\xa9TextInput\x05", []string{"TextInput"}},
		{"unknown variant", "\x81\xa5Shout\xa2hi", []string{"Shout"}},
		{"truncated", good[:len(good)-1], nil},
		{"trailing byte", good + "\x00", nil},
		{"empty", "", nil},
		{"text of 4 GiB", "\x81\xa9TextInput\xdb\xff\xff\xff\xff", nil},
		{"map of 2^32-1 pairs", "\xdf\xff\xff\xff\xff", nil},
		{"list of 2^32-1 elements", "\x81\xa4Pair\x81\xa4More\xdd\xff\xff\xff\xff", nil},
		{"too deep", "\x81\xa4Pair\x81\xa1X" + strings.Repeat("\x91", 10_000), nil},
		{"invalid UTF-8", "\x81\xa9TextInput\xa2\xff\xff", nil},
		{"truncated extension", "\xd7\xff\x00", nil},
		{"extension of 4 GiB", "\xc9\xff\xff\xff\xff\x01", nil},
		{"never used", "\xc1", nil},
	})
}

// A declared length costs nothing, in any codec, however often it is tried.
func TestHostile_codec_claimsCostNothing(t *testing.T) {
	for _, row := range []struct {
		codec   tandem.Codec
		payload string
	}{
		{cbor.Codec, "\xa1\x69TextInput\x7a\x7f\xff\xff\xff"},
		{cbor.Codec, "\xa1\x64Pair\xa1\x64More\x9a\x7f\xff\xff\xff"},
		{msgpack.Codec, "\x81\xa9TextInput\xdb\x7f\xff\xff\xff"},
		{msgpack.Codec, "\x81\xa4Pair\x81\xa4More\xdd\x7f\xff\xff\xff"},
	} {
		s, _ := onShout(t, row.codec)
		before := allocated()
		p := s.open(t)
		p.send(binaryFrame([]byte(row.payload)))
		p.expectClose(1007)
		if got := allocated() - before; got > 4<<20 {
			t.Errorf("%s: %d bytes were allocated for %q", row.codec.Name(), got, row.payload)
		}
	}
}
