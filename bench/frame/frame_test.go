package frame_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gobwas/ws"

	"github.com/tandem-ws/tandem/bench/frame"
)

func TestRing_framesAreValid(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 65535, 65536} {
		payload := bytes.Repeat([]byte{'x'}, size)
		ring := frame.NewRing(frame.Binary, payload, 3, rand.New(rand.NewPCG(1, 2)))
		at := 0
		for i := range 7 { // more than once around
			var piece []byte
			piece, at = ring.From(at, ring.Size())
			r := bytes.NewReader(piece)
			h, err := ws.ReadHeader(r)
			if err != nil {
				t.Fatalf("%d bytes, frame %d: %v", size, i, err)
			}
			if !h.Masked || !h.Fin || h.OpCode != ws.OpBinary || h.Length != int64(size) || r.Len() != size {
				t.Errorf("%d bytes: header %+v", size, h)
			}
			got := bytes.Clone(piece[len(piece)-r.Len():])
			if ws.Cipher(got, h.Mask, 0); !bytes.Equal(got, payload) {
				t.Errorf("%d bytes: payload differs", size)
			}
		}
	}
}

// TestReader_anyPieces cuts a stream into pieces of every size and expects the same events.
func TestReader_anyPieces(t *testing.T) {
	var stream bytes.Buffer
	for _, f := range []ws.Frame{
		ws.NewTextFrame([]byte("one")),
		ws.NewBinaryFrame(make([]byte, 300)),
		ws.NewFrame(ws.OpText, false, []byte("in ")),
		ws.NewFrame(ws.OpContinuation, true, []byte("two")),
		ws.NewBinaryFrame(make([]byte, 70000)),
		ws.NewBinaryFrame(nil),
		ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "")),
	} {
		if err := ws.WriteFrame(&stream, f); err != nil {
			t.Fatal(err)
		}
	}
	want := []frame.Event{{frame.Text, 3}, {frame.Binary, 300}, {frame.Text, 6}, {frame.Binary, 70000}, {frame.Binary, 0}, {frame.Close, 2}}
	for _, size := range []int{1, 2, 3, 7, 100, 4096, stream.Len()} {
		var r frame.Reader
		var got []frame.Event
		for piece := range slices.Chunk(stream.Bytes(), size) {
			for len(piece) > 0 {
				n, ev, ok, err := r.Next(piece)
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					got = append(got, ev)
				}
				piece = piece[n:]
			}
		}
		if !slices.Equal(got, want) || !r.Between() {
			t.Errorf("pieces of %d: %v, want %v", size, got, want)
		}
	}
}

func TestReader_refuses(t *testing.T) {
	var r frame.Reader
	if _, _, _, err := r.Next([]byte{0x82, 0x81}); err != frame.ErrMasked {
		t.Errorf("masked: %v", err)
	}
	r = frame.Reader{}
	if _, _, _, err := r.Next([]byte{0xc2, 0x01}); err != frame.ErrReserved {
		t.Errorf("compressed: %v", err)
	}
}
