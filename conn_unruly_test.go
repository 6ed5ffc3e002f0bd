package tandem_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// unruly is bytesCodec that does what a message says.
type unruly struct {
	bytesCodec

	again func() // on "again"
}

func (u unruly) Append(dst []byte, v any) ([]byte, error) {
	msg := *v.(*[]byte)
	switch what, _, _ := strings.Cut(string(msg), " "); what {
	case "panic":
		_ = append(dst, "half of a mess"...)
		panic("as asked")
	case "fail":
		return append(dst, "half of a mess"...), errors.New("as asked")
	case "own":
		return append([]byte(nil), msg...), nil
	case "over":
		return append(dst[:0], strings.Repeat("x", 200)...), nil
	case "copied":
		return append(append([]byte(nil), dst...), msg...), nil
	case "again":
		u.again()
	}
	if string(msg) != string(*v.(*[]byte)) {
		return nil, errors.New("the message changed while it was encoded")
	}
	return append(dst, msg...), nil
}

// obey sends a message, and what became of it instead when it could not be.
func obey(ctx context.Context, c *bytesConn, msg []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = c.Send(ctx, []byte("panicked"))
		}
	}()
	err = c.Send(ctx, msg)
	if _, ok := errors.AsType[*tandem.EncodeError](err); ok {
		err = c.Send(ctx, []byte("failed"))
	}
	return err
}

// A codec that breaks its rules harms no message but its own, not even those that wait in the same block.
func TestConn_Send_unrulyCodec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := unruly{}
		var conn *bytesConn
		u.again = func() {
			for n := range 3 {
				assert.NoError(t, conn.Send(context.Background(), fmt.Appendf(nil, "inner %d", n)))
			}
		}
		e := newBytes(tandem.Limits{})
		e.Codec = &u
		h, _ := handled(func(ctx context.Context, c *bytesConn) error {
			conn = c
			for msg, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				if err := obey(ctx, c, msg); err != nil {
					return err
				}
			}
			return nil
		})
		peer := inMemory(t, e, h, nil).open(t)
		long := strings.Repeat("long ", 10000)
		said := []string{"one", "panic", "two", "fail", "three", "over", "four", "own", "copied " + long, "again", long, "over", "", "over"}
		heard := []string{
			"one", "panicked", "two", "failed", "three", "failed", "four", "failed", "copied " + long,
			"again", "inner 0", "inner 1", "inner 2", long, "failed", "", "failed",
		}
		for range 20 {
			var frames []rawFrame
			for _, msg := range said {
				frames = append(frames, binaryFrame([]byte(msg)))
			}
			go peer.send(frames...) // at once, so that answers wait for each other
			for i := 0; i < len(heard); i++ {
				if heard[i] != "again" {
					peer.expect(opBinary, heard[i])
					continue
				}
				// Where somebody else is writing just then, the message around the others comes behind them.
				var got []string
				for range 4 {
					f, err := peer.skipPings()
					assert.NoError(t, err)
					got = append(got, string(f.payload))
				}
				at := slices.Index(got, "again")
				assert.True(t, at >= 0, got)
				assert.Equal(t, slices.Delete(got, at, at+1), heard[i+1:i+4])
				i += 3
			}
			synctest.Wait()
		}
	})
}

// The same with several goroutines: each one's messages arrive in order, whatever the others' codecs do.
func TestConn_Send_unrulyCodec_concurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const senders, each = 4, 300
		u := unruly{}
		// A codec that sends must not have to wait for room: it keeps others from making some.
		e := newBytes(tandem.Limits{QueueMessages: 1 << 20, QueueBytes: 1 << 30})
		e.Codec = &u
		h, _ := handled(func(ctx context.Context, c *bytesConn) error {
			u.again = func() { assert.NoError(t, c.Send(ctx, []byte("inner"))) }
			var all sync.WaitGroup
			for s := range senders {
				all.Go(func() {
					for n := range each {
						for _, bad := range []string{"panic", "fail", "over", "own", "again"} {
							if (n+s)%5 == len(bad)%5 {
								assert.NoError(t, obey(ctx, c, []byte(bad)))
							}
						}
						msg := binary.BigEndian.AppendUint32([]byte{byte(s)}, uint32(n))
						assert.NoError(t, c.Send(ctx, append(msg, make([]byte, n*n%5000)...)))
					}
				})
			}
			all.Wait()
			return nil
		})
		peer := inMemory(t, e, h, nil).open(t)
		next := [senders]int{}
		for {
			f, err := peer.skipPings()
			assert.NoError(t, err)
			if f.op == opClose {
				break
			}
			if len(f.payload) < 5 || f.payload[0] >= senders {
				continue // what became of a bad one
			}
			n := int(binary.BigEndian.Uint32(f.payload[1:]))
			assert.Equal(t, n, next[f.payload[0]])
			next[f.payload[0]]++
		}
		assert.Equal(t, next, [senders]int{each, each, each, each})
		peer.send(closeFrame(1000, ""))
		peer.expectEnd()
	})
}

// bomb is text that panics when it is told to.
type bomb string

func (b bomb) MarshalText() ([]byte, error) { return []byte(b), nil }

func (b *bomb) UnmarshalText(text []byte) error {
	if string(text) == "boom" {
		panic("as asked")
	}
	*b = bomb(text)
	return nil
}

// What a message had filled in when decoding it panicked is nobody else's: the next message finds nothing of it.
func TestConn_Recv_panicLeavesNothing(t *testing.T) {
	type message struct {
		Secret string `json:"secret,omitempty"`
		Bomb   bomb   `json:"bomb"`
	}
	e := &tandem.Endpoint[struct{}, message, string]{Path: "/", Codec: json.Codec}
	synctest.Test(t, func(t *testing.T) {
		got, recovered := make(chan message, 1), make(chan any, 1)
		c := tandemtest.Connect(t, e, func(ctx context.Context, _ struct{}, c *tandem.Conn[message, string]) error {
			synctest.Wait() // both messages lie in one buffer then
			func() {
				defer func() { recovered <- recover() }()
				_, _ = c.Recv(ctx)
			}()
			m, err := c.Recv(ctx)
			got <- m
			return err
		}, struct{}{}, nil)
		assert.NoError(t, c.Send(t.Context(), message{"the first one's", "boom"}))
		assert.NoError(t, c.Send(t.Context(), message{Bomb: "tick"}))
		assert.Equal(t, <-recovered, any("as asked"))
		assert.Equal(t, <-got, message{Bomb: "tick"})
	})
}
