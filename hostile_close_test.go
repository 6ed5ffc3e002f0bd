package tandem_test

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// mayBeSent is RFC 6455, section 7.4, with the codes registered since.
func mayBeSent(code int) bool {
	switch {
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014, code >= 3000 && code <= 4999:
		return true
	}
	return false
}

// F13: the peer's code is answered with the same, or with 1002 when there is no such code. That this holds for all
// 65,536 of them, internal/engine tests.
func TestHostile_F13_codesReceived(t *testing.T) {
	var got error
	s := onLoopback(t, newBytes(tandem.Limits{}), func(ctx context.Context, _ struct{}, c *bytesConn) error {
		_, got = c.Recv(ctx)
		return got
	}, nil)
	for _, code := range []int{
		0, 1, 255, 256, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016, 1100,
		2000, 2999, 3000, 3003, 3999, 4000, 4499, 4999, 5000, 10_000, 32_767, 32_768, 65_535,
	} {
		p := s.open(t)
		p.send(closeFrame(code, "why"))
		want := code
		if !mayBeSent(code) {
			want = 1002
		}
		p.expectClose(want)
		p.Conn.Close()
		s.waitEmpty(t)
		ce := assert.ErrorAs[*tandem.CloseError](t, got, code)
		assert.Equal(t, int(ce.Code), want)
		if mayBeSent(code) {
			assert.Equal(t, ce.Reason, "why", code)
		}
		// Only these are the end of a conversation: normal, and a tab that is closed.
		assert.Equal(t, errors.Is(got, io.EOF), code == 1000 || code == 1001, code)
	}
}

func TestHostile_F13_formsReceived(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	longest := strings.Repeat("r", 123)
	for _, row := range []struct {
		name    string
		payload string
		code    int
		reason  string
	}{
		{"empty", "", 1005, ""},
		{"one byte", "\x03", 1002, ""},
		{"no reason", "\x03\xe8", 1000, ""},
		{"longest reason", "\x03\xe8" + longest, 1000, longest},
		{"reason with a line break", "\x0f\xa0a\r\nb\x00\x1b[31m", 4000, "a\r\nb\x00\x1b[31m"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := s.open(t)
			p.send(rawFrame{op: opClose, payload: []byte(row.payload)})
			if reason := p.expectClose(row.code); row.code != 1002 && reason != row.reason {
				t.Fatalf("reason %q", reason)
			}
		})
	}
}

// F13: one Close frame, whatever follows the peer's.
func TestHostile_F13_answeredOnce(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	for name, frames := range map[string][]rawFrame{
		"twice":            {closeFrame(1000, ""), closeFrame(1000, "")},
		"twice, different": {closeFrame(4000, "a"), closeFrame(4001, "b")},
		"with a ping":      {closeFrame(4000, ""), pingFrame("x")},
		"with a message":   {closeFrame(4000, ""), textFrame("x")},
		"with rubbish":     {closeFrame(4000, ""), {op: 0x7, rsv: 0x70}},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.open(t)
			p.send(frames...)
			f, err := p.receive()
			assert.NoError(t, err)
			assert.Equal(t, f.op, byte(opClose))
			p.expectEnd()
		})
	}
}

// F13: what we send. A code that must not stand in a frame is refused, and the connection is as it was.
func TestHostile_F13_codesSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := []tandem.Code{-1, 0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536 + 1000, math.MaxInt32}
		handler, ended := handled(func(ctx context.Context, c *bytesConn) error {
			for _, code := range bad {
				if c.Close(code, "") == nil {
					t.Errorf("Close took %d", code)
				}
				if code == tandem.CodeNoStatus || code == 0 {
					continue // in RawConn they stand for no code
				}
				if c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameClose, Code: code}) == nil {
					t.Errorf("RawConn.Send took %d", code)
				}
			}
			if err := c.Err(); err != nil {
				t.Errorf("ended by a refused code: %v", err)
			}
			if err := c.Send(ctx, []byte("unharmed")); err != nil {
				t.Error(err)
			}
			return c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameClose, Code: tandem.CodeNoStatus, Data: []byte("no room for one")})
		})
		s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
		p := s.open(t)
		p.expect(opBinary, "unharmed")
		p.expectClose(1005)
		<-ended
	})
}

// F13: a handler that ends with such a code has a fault of its own.
func TestHostile_F13_handlersCode(t *testing.T) {
	for code, want := range map[tandem.Code]int{0: 1011, 1005: 1011, 1006: 1011, 1015: 1011, 999: 1011, 5000: 1011, 1000: 1000, 4999: 4999, 1014: 1014} {
		s := onLoopback(t, newBytes(tandem.Limits{}), func(context.Context, struct{}, *bytesConn) error {
			return &tandem.CloseError{Code: code, Reason: "private"}
		}, nil)
		reason := s.open(t).expectClose(want)
		assert.Equal(t, reason != "", want != 1011, code)
	}
}

// F13: a reason is cut between letters, and is always text.
func TestHostile_F13_reasonSent(t *testing.T) {
	for _, reason := range []string{
		"", "short", strings.Repeat("r", 123), strings.Repeat("r", 124), strings.Repeat("é", 61) + "r", strings.Repeat("é", 62),
		strings.Repeat("€", 41), strings.Repeat("€", 42), strings.Repeat("r", 122) + "𝄞", strings.Repeat("𝄞", 100), "bad \xff byte",
		strings.Repeat("\xff", 200), strings.Repeat("x", 1<<20),
	} {
		s := onLoopback(t, newBytes(tandem.Limits{}), func(context.Context, struct{}, *bytesConn) error {
			return &tandem.CloseError{Code: 4000, Reason: reason}
		}, nil)
		got := s.open(t).expectClose(4000)
		switch {
		case !utf8.ValidString(got) || len(got) > 123:
			t.Errorf("reason %q was sent as %q", excerpt([]byte(reason)), got)
		case !utf8.ValidString(reason): // replaced
		case len(reason) <= 123 && got != reason, !strings.HasPrefix(reason, got), len(reason) > 123 && len(got) < 120:
			t.Errorf("reason %q was sent as %q", excerpt([]byte(reason)), got)
		}
	}
}
