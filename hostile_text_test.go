package tandem_test

import (
	"testing"

	"github.com/tandem-ws/tandem"
)

// F12: text is UTF-8, however it is cut.
func TestHostile_F12_utf8(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	cut := func(parts ...string) []rawFrame {
		frames := make([]rawFrame, len(parts))
		for i, p := range parts {
			frames[i] = rawFrame{op: opCont, more: true, payload: []byte(p)}
		}
		frames[0].op, frames[len(frames)-1].more = opText, false
		return frames
	}
	const good = "κόσμε 𝄞"
	var single []string
	for _, b := range []byte(good) {
		single = append(single, string([]byte{b}))
	}
	for _, row := range []struct {
		name   string
		frames []rawFrame
		want   string // "" for a message that is refused
	}{
		{"good", cut(good), good},
		{"cut inside a letter", cut("κ\xcf", "\x8cσμε"), "κόσμε"[:2] + "\xcf\x8cσμε"},
		{"cut into bytes", cut(single...), good},
		{"cut with pings between", []rawFrame{{op: opText, more: true, payload: []byte("\xf0\x9d")}, pingFrame("x"), {op: opCont, payload: []byte("\x84\x9e")}}, "𝄞"},
		{"cut by an empty fragment", cut("\xf0\x9d", "", "\x84\x9e"), "𝄞"},
		{"noncharacter", cut("\uffff\U0010ffff"), "\uffff\U0010ffff"},
		{"NUL", cut("a\x00b"), "a\x00b"},

		{"lone continuation", cut("\x80"), ""},
		{"lone start", cut("\xc3"), ""},
		{"Latin-1", cut("gr\xf6\xdfe"), ""},
		{"overlong slash", cut("\xc0\xaf"), ""},
		{"overlong NUL", cut("\xe0\x80\x80"), ""},
		{"surrogate", cut("\xed\xa0\x80"), ""},
		{"pair of surrogates", cut("\xed\xa0\xb5\xed\xb4\x9e"), ""},
		{"past Unicode", cut("\xf4\x90\x80\x80"), ""},
		{"five bytes", cut("\xf8\x88\x80\x80\x80"), ""},
		{"0xff", cut("\xff"), ""},
		{"ends inside a letter", cut("abc\xf0\x9d\x84"), ""},
		{"bad at the end of much", cut(string(make([]byte, 50_000)) + "\xff"), ""},
		{"second fragment bad", cut("good", "b\xffd"), ""},
		{"letter cut and not taken up", cut("κ\xcf", "x"), ""},
		{"letter cut at the end of the message", cut("κ", "\xcf"), ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := s.open(t)
			p.send(row.frames...)
			if row.want == "" {
				p.expectClose(1007)
				return
			}
			for {
				f, err := p.receive()
				if err != nil {
					t.Fatal(err)
				}
				if f.op == opPong {
					continue
				}
				if string(f.payload) != row.want {
					t.Fatalf("got %q, want %q", f.payload, row.want)
				}
				break
			}
			p.hangUp()
		})
	}
}

// F12: binary messages are bytes.
func TestHostile_F12_binary(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.open(t)
	p.send(binaryFrame([]byte("\xff\xfe\x00")))
	p.expect(opBinary, "\xff\xfe\x00")
	p.hangUp()
}

// F12: a close reason is text too.
func TestHostile_F12_closeReason(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	for _, reason := range []string{"\xff", "gr\xf6\xdfe", "cut \xf0\x9d\x84", "\xed\xa0\x80"} {
		p := s.open(t)
		p.send(closeFrame(1000, reason))
		p.expectClose(1007)
	}
	p := s.open(t)
	p.send(closeFrame(1000, "größe"))
	p.expectClose(1000)
}
