package link

import (
	"context"
	"errors"
	"time"

	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// room is what Begin leaves in front of a message: the envelope's header is written where the frame is.
const room = 8

// Begin lends a block to append a message to, behind its From.
func (l *Link) Begin() *wire.Block {
	b := wire.GetBlock(0)
	b.Sole, b.From = false, room
	b.B = b.B[:room]
	return b
}

// Cancel gives a block from Begin back.
func (l *Link) Cancel(b *wire.Block) { b.Free() }

// Commit sends the message in a block from Begin and takes the block over, until the peer has acknowledged it. When the
// window is full it does what the overflow policy says. After an error nothing of the message is sent.
func (l *Link) Commit(ctx context.Context, _ wire.Kind, b *wire.Block) error {
	payload := b.B[b.From:]
	if l.cfg.MaxSend > 0 && int64(len(payload)) > l.cfg.MaxSend {
		b.Free()
		return &wire.TooBigError{Size: len(payload), Limit: int(l.cfg.MaxSend)}
	}
	var done <-chan struct{}
	if ctx != l.base {
		if err := ctx.Err(); err != nil {
			b.Free()
			return err
		}
		done = ctx.Done()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.send(ctx, done, session.Message{Kind: session.Msg, Payload: payload, Owner: b})
	if err != nil {
		b.Free()
		return err
	}
	l.flush()
	return nil
}

func (l *Link) send(ctx context.Context, done <-chan struct{}, m session.Message) error {
	for {
		if err := l.bad(); err != nil {
			return err
		}
		if l.leaving {
			return wire.ErrClosed
		}
		kept := &l.atDesk().message
		*kept = m
		_, err := l.end.Send(kept)
		*kept = session.Message{}
		switch {
		case err == nil:
			if l.sent != nil {
				l.sent()
			}
			return nil
		case !errors.Is(err, session.ErrFull):
			return err
		}
		if l.cfg.Overflow == CloseSlow {
			why := wire.Violated(wire.CodeTryAgain, "too slow")
			l.close(why, why.Code, why.Reason)
			return l.why // with what is not acknowledged
		}
		if l.cfg.Overflow == Refuse {
			return wire.ErrQueueFull
		}
		if l.hurry && l.sock == nil {
			return wire.Lost(errNoSocket)
		}
		if l.waitReading(done) {
			return l.cancelled(ctx)
		}
	}
}

// waitReading is wait for something that comes from the peer: it sees to it that somebody reads.
func (l *Link) waitReading(done <-chan struct{}) (ended bool) {
	l.blocked++
	l.startPump()
	ended = l.wait(done)
	l.blocked--
	return ended
}

// Volatile sends the message in a block from Begin, which it takes over, if there is a socket that takes it at once; it
// reports whether. Such a message has no number, is not sent again, and may overtake others.
func (l *Link) Volatile(_ wire.Kind, b *wire.Block) (sent bool, err error) {
	defer b.Free()
	payload := b.B[b.From:]
	if l.cfg.MaxSend > 0 && int64(len(payload)) > l.cfg.MaxSend {
		return false, &wire.TooBigError{Size: len(payload), Limit: int(l.cfg.MaxSend)}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.bad(); err != nil {
		return false, err
	}
	if l.leaving {
		return false, wire.ErrClosed
	}
	if l.sock == nil || !l.end.Flowing() || l.sock.Full() {
		return false, nil
	}
	f := &l.atDesk().out
	*f = session.Frame{Kind: session.Volatile, Payload: payload}
	l.write(f)
	return true, nil
}

// Send sends a payload as a message. One that is no value of the codec would break the frame around it.
func (l *Link) Send(ctx context.Context, kind wire.Kind, payload []byte) error {
	if kind == wire.Ping || kind == wire.Pong {
		return nil // pings are the socket's own
	}
	if err := l.cfg.Codec.CheckPayload(payload); err != nil {
		return err
	}
	b := l.Begin()
	b.Grow(len(payload))
	b.B = append(b.B, payload...)
	return l.Commit(ctx, kind, b)
}

// Ping asks the peer for a sign of life on the current socket.
func (l *Link) Ping(ctx context.Context) (time.Duration, error) {
	for {
		l.mu.Lock()
		for l.sock == nil && l.why == nil {
			if l.wait(ctx.Done()) {
				l.mu.Unlock()
				return 0, ctx.Err()
			}
		}
		s, why := l.sock, l.why
		l.mu.Unlock()
		if why != nil {
			return 0, why
		}
		d, err := s.Ping(ctx)
		if errors.Is(err, errors.ErrUnsupported) {
			d, err = l.ask(ctx, s)
		}
		if err == nil || ctx.Err() != nil {
			return d, err
		}
		l.Ended(s, err)
	}
}

// ask is Ping with a ping of the session's own, which the peer answers as readily. A socket that is lost takes the answer
// with it.
func (l *Link) ask(ctx context.Context, s Socket) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	began, n := time.Now(), uint64(0)
	for l.sock == s && l.why == nil {
		if n == 0 { // not before the session is open on the socket
			if n = l.end.Ping(); n != 0 {
				l.flush()
			}
		}
		if n != 0 && l.end.Ponged() >= n {
			return time.Since(began), nil
		}
		if l.waitReading(ctx.Done()) {
			return 0, ctx.Err()
		}
	}
	if l.why != nil {
		return 0, l.why
	}
	return 0, wire.Lost(errNoSocket)
}

// StartClose ends the session and closes its socket, behind what is sent already, and waits for nothing.
func (l *Link) StartClose(why error, code int, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.close(why, code, reason)
}

func (l *Link) close(why error, code int, reason string) {
	if l.why != nil {
		return
	}
	l.why = why
	l.end.End(code, reason)
	l.flush()
	l.stirred()
	l.isDown(why)
}

// Close waits until there is a socket and the peer has acknowledged everything, ends the session and closes its socket,
// all of it within the close timeout. It returns nil when the peer has answered, or had ended the session already; what
// was not acknowledged in time stands in the error.
func (l *Link) Close(code int, reason string) error {
	ctx, cancel := context.WithTimeout(context.Background(), l.cfg.CloseTimeout)
	defer cancel()
	l.mu.Lock()
	l.leaving = true
	if code != wire.CodeInternal && !l.cfg.ByHand { // a handler that fails is not done with its message
		l.worked()
	}
	if !l.end.Drained() {
		l.end.Hurry()
	}
	l.flush()
	l.stirred()
	for l.why == nil && !(l.end.Flowing() && l.end.Drained()) && !(l.hurry && l.sock == nil) {
		l.startPump()
		if l.wait(ctx.Done()) {
			break
		}
	}
	s, why := l.sock, l.why
	l.close(wire.ErrClosed, code, reason)
	unsent := l.unsent
	l.mu.Unlock()
	if why != nil {
		if se, ok := why.(*wire.SessionError); ok && se.Close == nil {
			return se
		}
		return nil
	}
	if len(unsent) > 0 {
		return &wire.SessionError{Why: session.WhyEnded, Unsent: unsent}
	}
	if s == nil {
		return wire.Lost(errNoSocket)
	}
	defer context.AfterFunc(ctx, func() { s.Abort(wire.ErrClosed) })()
	return s.Close(code, reason)
}

// Abort ends the session and drops its socket without a word.
func (l *Link) Abort(reason error) {
	if s := l.endNow(reason); s != nil {
		s.Abort(reason)
	}
}

// endNow ends the session without closing its socket, and gives that: also one that is being closed.
func (l *Link) endNow(reason error) Socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sock
	if s == nil {
		s = l.last
	}
	l.sock = nil
	l.close(reason, 0, "")
	return s
}
