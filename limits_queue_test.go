package tandem_test

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// sendNumbered is a handler that sends n numbered messages of a size.
func sendNumbered(n, size int) func(context.Context, *bytesConn) error {
	return func(ctx context.Context, c *bytesConn) error {
		for i := range n {
			if err := c.Send(ctx, numbered(i, size)); err != nil {
				return err
			}
		}
		return nil
	}
}

func numbered(i, size int) []byte {
	msg := make([]byte, size)
	binary.BigEndian.PutUint32(msg, uint32(i))
	return msg
}

// stuffed is a site whose connections hold little on their way, so that a queue is soon what holds the rest.
func stuffed(t *testing.T, l tandem.Limits, handler func(context.Context, *bytesConn) error) (*rawPeer, <-chan error) {
	t.Helper()
	h, ended := handled(handler)
	s := inMemoryBuffer(t, onTheWay, newBytes(l), h, nil)
	return s.open(t), ended
}

const onTheWay = 4 << 10

// underWay is how many messages of a size can be under way: in the stream, and in the peer's own buffer, which is as
// long.
func underWay(size int) int { return 2*onTheWay/size + 2 }

// fillQueue sends until the queue is full, as a context that ends at once can tell, and gives how many messages were taken.
func fillQueue(ctx context.Context, c *bytesConn, size int) (int, error) {
	for i := 0; ; i++ {
		short, cancel := context.WithTimeout(ctx, time.Second)
		err := c.Send(short, numbered(i, size))
		cancel()
		if err != nil {
			return i, err
		}
	}
}

// OverflowBlock: Send waits, as long as its context lets it, and nothing is lost but the message it was told about.
func TestLimits_overflowBlock(t *testing.T) {
	for _, row := range []struct {
		name        string
		limits      tandem.Limits
		size        int
		least, most int // messages that a full queue and what is on its way hold
	}{
		{"messages", tandem.Limits{QueueMessages: 10}, 1000, 10, 10 + underWay(1000)},
		{"bytes", tandem.Limits{QueueBytes: 10_000}, 1000, 10, 10 + underWay(1000)},
		{"default of messages", tandem.Limits{}, 100, 256, 256 + underWay(100)},
		{"default of bytes", tandem.Limits{}, 64 << 10, 16, 18},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				taken := make(chan int, 1)
				row.limits.WriteTimeout = -1
				p, ended := stuffed(t, row.limits, func(ctx context.Context, c *bytesConn) error {
					n, err := fillQueue(ctx, c, row.size)
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
					taken <- n
					return c.Send(ctx, numbered(n, row.size)) // waits until the peer reads
				})
				n := <-taken
				if n < row.least || n > row.most {
					t.Errorf("%d messages were taken, want %d to %d", n, row.least, row.most)
				}
				for i := range n + 1 {
					p.expect(opBinary, string(numbered(i, row.size)))
				}
				p.expectClose(1000)
				assert.NoError(t, <-ended)
			})
		})
	}
}

// A message that is longer than the whole queue can be sent all the same.
func TestLimits_messageOverQueue(t *testing.T) {
	for _, overflow := range []tandem.Overflow{tandem.OverflowBlock, tandem.OverflowDropOldest, tandem.OverflowClose} {
		synctest.Test(t, func(t *testing.T) {
			p, ended := stuffed(t, tandem.Limits{QueueBytes: 100, Overflow: overflow}, sendNumbered(1, 50_000))
			p.expect(opBinary, string(numbered(0, 50_000)))
			p.expectClose(1000)
			assert.NoError(t, <-ended)
		})
	}
}

// OverflowDropOldest: Send never waits. What arrives is in order, and ends with the newest.
func TestLimits_overflowDropOldest(t *testing.T) {
	for _, row := range []struct {
		name   string
		limits tandem.Limits
		held   int // messages in a full queue
	}{
		{"messages", tandem.Limits{QueueMessages: 10}, 10},
		{"one message", tandem.Limits{QueueMessages: 1}, 1},
		{"bytes", tandem.Limits{QueueBytes: 10_000}, 10},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const messages, size = 1000, 1000
				row.limits.Overflow, row.limits.WriteTimeout = tandem.OverflowDropOldest, -1
				began := time.Now()
				p, ended := stuffed(t, row.limits, func(ctx context.Context, c *bytesConn) error {
					err := sendNumbered(messages, size)(ctx, c)
					took(t, began, 0, 0)
					return err
				})
				synctest.Wait()
				last, got := -1, 0
				for last < messages-1 {
					f, err := p.skipPings()
					assert.NoError(t, err)
					assert.Equal(t, len(f.payload), size)
					n := int(binary.BigEndian.Uint32(f.payload))
					if n <= last {
						t.Fatalf("message %d behind %d", n, last)
					}
					last = n
					got++
				}
				// The queue, what was being written when it filled up, and what was on its way by then.
				if most := 2*row.held + underWay(size); got < row.held || got > most {
					t.Errorf("%d messages arrived, want %d to %d", got, row.held, most)
				}
				p.expectClose(1000)
				assert.NoError(t, <-ended)
			})
		})
	}
}

// OverflowClose: who cannot keep up is told to come back.
func TestLimits_overflowClose(t *testing.T) {
	for name, limits := range map[string]tandem.Limits{"messages": {QueueMessages: 10}, "bytes": {QueueBytes: 10_000}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits.Overflow = tandem.OverflowClose
				sent := make(chan error, 1)
				p, ended := stuffed(t, limits, func(ctx context.Context, c *bytesConn) error {
					err := sendNumbered(1000, 1000)(ctx, c)
					sent <- err
					return err
				})
				assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, <-sent).Code, tandem.CodeTryAgain)
				for i := 0; ; i++ {
					f, err := p.receive()
					assert.NoError(t, err)
					if f.op == opClose {
						assert.Equal(t, int(binary.BigEndian.Uint16(f.payload)), 1013)
						assert.True(t, i >= 10, "nothing was queued")
						break
					}
					assert.Equal(t, string(f.payload), string(numbered(i, 1000)))
				}
				<-ended
				p.send(closeFrame(1013, ""))
				p.expectEnd()
			})
		})
	}
}

// OverflowClose, and the peer reads nothing at all: it is dropped when the close handshake has had its time.
func TestLimits_overflowCloseUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		limits := tandem.Limits{QueueMessages: 10, Overflow: tandem.OverflowClose, CloseTimeout: 3 * time.Second}
		_, ended := stuffed(t, limits, func(ctx context.Context, c *bytesConn) error {
			err := sendNumbered(1000, 1000)(ctx, c)
			<-ctx.Done()
			return err
		})
		<-ended
		took(t, began, 3*time.Second, 3*time.Second)
	})
}
