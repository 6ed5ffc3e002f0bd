package engine_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// FuzzConn_program has two ends and several goroutines do what the bytes say, and compares what arrives with what was
// sent: each goroutine's messages in their order, none lost, doubled or torn.
//
// A byte is a step: the lower three bits say what, two who does it, the others how long the message is.
func FuzzConn_program(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07"), byte(0))
	f.Add([]byte("\x20\x00\x40\x60\x01\x80\xa0\xc0\xe0\x02\x20\x05"), byte(1))
	f.Add([]byte("\x00\x00\x00\x06\x20\x40\xe0\x01\xe0\x03\x00\x04\xe0\x02\x05\x07"), byte(2))
	f.Add(bytes.Repeat([]byte("\x00\x08\x10\x18\x20\x29\x32\x1b"), 40), byte(3))
	f.Fuzz(func(t *testing.T, program []byte, how byte) {
		if len(program) > 500 {
			return
		}
		synctest.Test(t, func(t *testing.T) { run(t, program, how) })
	})
}

// sizes are the lengths of messages, around those where the header changes.
var sizes = [...]int{8, 100, 125, 126, 4000, 65535, 65536, 70000}

// slot is the share of a block's content that stays out of a message's way: who, and which of its messages.
const slot = 8

func run(t *testing.T, program []byte, how byte) {
	t.Helper()
	a, b := mempipe.Pair(&mempipe.Options{Buffer: []int{0, 100, 5000, 1 << 20}[how&3]})
	cfg := config(false)
	if how&4 != 0 {
		cfg.QueueMessages, cfg.QueueBytes = 2, 1000
	}
	server, client := engine.New(a, cfg, engine.Options{}), engine.New(b, config(true), engine.Options{})

	// The client asks with every step; the server's first goroutine does its part between receiving and waiting, so
	// that it writes in batches, the others whenever they get to run.
	const parties = 4
	var sent [parties]int
	step := func(who int, op byte) {
		n := sizes[op>>5]
		msg := make([]byte, n)
		binary.BigEndian.PutUint32(msg, uint32(who))
		binary.BigEndian.PutUint32(msg[4:], uint32(sent[who]))
		for i := slot; i < n; i++ {
			msg[i] = byte(i*7 + sent[who])
		}
		switch op & 7 {
		case 0, 1, 2: // encode in pieces, the block grows by itself
			block := server.Begin()
			block.B = append(block.B, msg[:n/2]...)
			block.B = append(block.B, msg[n/2:]...)
			if err := server.Commit(t.Context(), wire.Binary, block); err != nil {
				t.Error(err)
				return
			}
			sent[who]++
		case 3: // give up in the middle
			block := server.Begin()
			block.B = append(block.B, msg...)
			server.Cancel(block)
		case 4: // somebody else sends while the message is encoded
			block := server.Begin()
			if err := server.Send(t.Context(), wire.Ping, []byte("meanwhile")); err != nil {
				t.Error(err)
			}
			if cfg.QueueMessages > 2 && sent[who] < 100 {
				if err := server.Send(t.Context(), wire.Text, []byte("inner")); err != nil {
					t.Error(err)
				}
			}
			block.B = append(block.B, msg...)
			if err := server.Commit(t.Context(), wire.Binary, block); err != nil {
				t.Error(err)
				return
			}
			sent[who]++
		case 5: // too late
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if server.Send(ctx, wire.Binary, msg) == nil {
				t.Error("sent though cancelled")
			}
		case 6:
			if err := server.Send(t.Context(), wire.Binary, msg); err != nil {
				t.Error(err)
				return
			}
			sent[who]++
		case 7:
			block := server.Begin()
			block.B = append(block.B, make([]byte, cfg.MaxSend+1)...)
			if server.Commit(t.Context(), wire.Binary, block) == nil {
				t.Error("sent though too long")
			}
		}
	}

	var server4, client2 sync.WaitGroup
	server4.Go(func() {
		for {
			_, p, err := server.Next(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			op := p[0]
			last := len(p) > 1
			server.Done()
			if last {
				return // in the middle of a batch: what waits must leave all the same
			}
			step(0, op)
		}
	})
	for who := 1; who < parties; who++ {
		server4.Go(func() {
			for _, op := range program {
				if int(op>>3&3) == who {
					step(who, op)
				}
			}
		})
	}
	client2.Go(func() {
		for _, op := range program {
			if op>>3&3 == 0 {
				if err := client.Send(t.Context(), wire.Binary, []byte{op}); err != nil {
					t.Error(err)
				}
			}
		}
		for range 3 { // of which the server works on the first
			if err := client.Send(t.Context(), wire.Binary, []byte("end")); err != nil {
				t.Error(err)
			}
		}
	})
	var got [parties]int
	client2.Go(func() {
		for {
			kind, p, err := client.Next(t.Context())
			if err != nil {
				return
			}
			if kind == wire.Binary {
				if err := check(p, &got); err != nil {
					t.Error(err)
				}
			} else if string(p) != "inner" {
				t.Errorf("torn: %.20q", p)
			}
			client.Done()
		}
	})
	server4.Wait()
	synctest.Wait()
	if got != sent {
		t.Errorf("got %v messages of %v", got, sent)
	}
	if err := server.Close(1000, ""); err != nil {
		t.Error(err)
	}
	client2.Wait()
}

// check checks a message, and that it is its sender's next.
func check(p []byte, got *[4]int) error {
	if len(p) < slot {
		return fmt.Errorf("torn: %d bytes", len(p))
	}
	who, n := binary.BigEndian.Uint32(p), int(binary.BigEndian.Uint32(p[4:]))
	if int(who) >= len(got) || n != got[who] {
		return fmt.Errorf("message %d of %d, want one of %v", n, who, *got)
	}
	for i := slot; i < len(p); i++ {
		if p[i] != byte(i*7+n) {
			return fmt.Errorf("message %d of %d is torn at byte %d of %d", n, who, i, len(p))
		}
	}
	got[who]++
	return nil
}
