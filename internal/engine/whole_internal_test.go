package engine

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/gobwas/ws"

	"github.com/tandem-ws/tandem/internal/wire"
)

// The short way takes a frame exactly when the long one would hand it out in one piece, and makes the same of it.
func TestReader_whole_asStrictAsParse(t *testing.T) {
	taken := 0
	for _, client := range []bool{false, true} {
		for _, limit := range []int64{125, 126, 1 << 20} {
			cfg := &Config{Client: client, MaxMessage: limit, MaxFragments: 1}
			for first := range 1 << 16 {
				for _, next := range [...]byte{0, 125, 126} { // the low byte of a longer length
					frame := append([]byte{byte(first >> 8), byte(first), 0, next}, bytes.Repeat([]byte("payload"), 50)...)
					for _, n := range [...]int{1, 3, 6, 7, 131, 134, 208} {
						if compareWhole(t, cfg, frame[:n]) {
							taken++
						}
					}
					if next == 0 && first&0x7f != 126 {
						break // it makes no difference
					}
				}
				if t.Failed() {
					return
				}
			}
		}
	}
	if taken == 0 {
		t.Error("no frame went the short way")
	}
}

func compareWhole(t *testing.T, cfg *Config, frame []byte) bool {
	t.Helper()
	var buf [512]byte
	copy(buf[:], frame)
	rd := reader{c: &Conn{cfg: cfg}, buf: &wire.Block{B: buf[:]}, w: len(frame)}
	got := rd.whole()

	var h header
	err := h.parse(frame, !cfg.Client)
	want := err == nil && h.size > 0 && !h.control() && h.fin && rd.admit(&h) == nil && int64(len(frame)-h.size) >= h.length
	if want && len(frame) < 4 {
		want = false // shorter ones are not worth it
	}
	if got != want {
		t.Errorf("%s: the short way says %v, the long one %v (%v)", nameOf(cfg, frame), got, want, err)
		return got
	}
	if !got {
		if !bytes.Equal(rd.unread(), frame) || rd.hold != 0 {
			t.Errorf("%s: not left untouched", nameOf(cfg, frame))
		}
		return false
	}
	payload := bytes.Clone(frame[h.size:][:h.length])
	if !cfg.Client {
		ws.Cipher(payload, h.mask, 0)
	}
	if rd.got.Kind != wire.Kind(h.op) || !bytes.Equal(rd.got.Payload, payload) || rd.hold != h.size+int(h.length) {
		t.Errorf("%s: another message", nameOf(cfg, frame))
	}
	return true
}

func nameOf(cfg *Config, frame []byte) string {
	return fmt.Sprintf("%+v, %d bytes of % x", *cfg, len(frame), frame[:min(4, len(frame))])
}
