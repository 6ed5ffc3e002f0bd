package link

import (
	"context"
	"slices"
	"time"

	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Next waits for the next message, over as many sockets as it takes. After success the payload is valid until Done.
//
// What is on the stack while a connection is idle decides how much stack it keeps, see Conn.decode of the root: so
// everything but the wait itself is done in other functions.
func (l *Link) Next(ctx context.Context) (wire.Kind, []byte, error) {
	s, payload, err := l.begin(ctx)
	for s != nil {
		s, payload, err = l.came(ctx, s)
	}
	return l.cfg.Kind, payload, err
}

//go:noinline
func (l *Link) begin(ctx context.Context) (Socket, []byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.receiving {
		return nil, nil, wire.ErrConcurrentRead
	}
	l.receiving = true
	if !l.cfg.ByHand {
		l.worked() // who asks for the next is done with the last
	}
	l.flush()
	return l.find(ctx)
}

// worked notes that the application is done with all that it has taken.
func (l *Link) worked() {
	if l.end.IsOver() {
		return
	}
	l.end.Worked()
	if l.settle != nil {
		l.settle()
	}
}

// Acknowledge tells the peer that the application is done with all that it has taken.
func (l *Link) Acknowledge() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.worked()
	l.flush()
}

// Number is that of the message handed out last; 0 of a volatile one, and before the first.
func (l *Link) Number() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.number
}

// came reads from a socket, and goes on with what has come.
func (l *Link) came(ctx context.Context, s Socket) (Socket, []byte, error) {
	_, data, err := s.Next(ctx)
	return l.take(ctx, s, data, err)
}

// take acts on what came from a socket. It returns as find does.
//
//go:noinline
func (l *Link) take(ctx context.Context, s Socket, data []byte, err error) (Socket, []byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		if payload, ref, ok := l.read(s, data); ok && l.end.Handed(ref) {
			l.inPlace, l.number = s, ref.Seq
			return nil, payload, nil
		}
		s.Done()
		return l.find(ctx)
	}
	if ctx.Err() != nil && s.Err() == nil {
		err = l.cancelled(ctx)
		l.received()
		return nil, nil, err
	}
	l.ended(s, err)
	return l.find(ctx)
}

// find gives the next message of the inbox, or why there is none any more, or else a socket to read.
func (l *Link) find(ctx context.Context) (s Socket, payload []byte, err error) {
	for {
		if len(l.inbox) > 0 && (l.gap == nil || l.gapAt > 0) {
			l.gapAt--
			d := l.inbox[0]
			l.inbox[0] = delivery{}
			if l.inbox = l.inbox[1:]; len(l.inbox) == 0 {
				l.inbox = nil
			}
			if d.ref.Seq == 0 {
				l.fleeting--
				l.fleetingB -= d.size()
			}
			if !l.end.Handed(d.ref) {
				d.b.Free()
				continue
			}
			l.got, l.number = d.b, d.ref.Seq
			return nil, d.b.B, nil
		}
		if err = l.bad(); err != nil {
			break
		}
		if l.pumping {
			l.stopPump()
		}
		if !l.pumping && l.sock != nil {
			l.come = false
			return l.sock, nil, nil
		}
		if l.wait(ctx.Done()) {
			err = l.cancelled(ctx)
			break
		}
	}
	l.received()
	return nil, nil, err
}

// cancelled is why a call ends whose context has: the end of a session cancels its handler's, and is the better reason.
func (l *Link) cancelled(ctx context.Context) error {
	if err := l.bad(); err != nil {
		return err
	}
	return ctx.Err()
}

// bad is what the application is to be told instead of going on. Of a gap it is told once.
func (l *Link) bad() error {
	if err := l.gap; err != nil {
		l.gap = nil
		return err
	}
	return l.why
}

// read acts on a frame from a socket. ok says that it is to be delivered.
func (l *Link) read(s Socket, data []byte) (payload []byte, ref session.Ref, ok bool) {
	num := l.num
	if s != l.sock {
		return nil, ref, false
	}
	f := &l.atDesk().in
	defer func() { *f = session.Frame{} }()
	if err := l.cfg.Codec.Parse(data, f); err != nil {
		l.end.Malformed(num, err.Error())
		l.flush()
		l.stirred()
		return nil, ref, false
	}
	if int64(len(f.Payload)) > l.cfg.MaxMessage {
		l.why = wire.Violated(wire.CodeTooBig, "message too long")
		l.end.End(wire.CodeTooBig, "message too long")
		l.flush()
		l.stirred()
		return nil, ref, false
	}
	v, ref := l.end.Receive(time.Now(), num, f)
	l.flush()
	if v == session.Room || l.blocked > 0 || l.end.IsOver() {
		l.stirred()
	}
	if payload = f.Payload; v == session.Room {
		defer l.quiet()
	}
	return payload, ref, v == session.Deliver
}

// Done gives back the payload of the last Next.
func (l *Link) Done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.inPlace; s != nil {
		l.inPlace = nil
		s.Done()
	}
	l.got.Free()
	l.got = nil
	l.received()
}

// received ends a Next. What has asked for the pump meanwhile gets it.
func (l *Link) received() {
	l.receiving = false
	if l.come || l.blocked > 0 {
		l.startPump()
	}
}

// In is the place for a decoded value beside the message of the last Next.
func (l *Link) In() *any {
	if l.inPlace != nil {
		return l.inPlace.In()
	}
	return &l.got.In
}

// NextFrame is Next as a frame: a session has no control frames to show.
func (l *Link) NextFrame(ctx context.Context) (wire.Frame, error) {
	kind, payload, err := l.Next(ctx)
	return wire.Frame{Kind: kind, Payload: payload}, err
}

// How many volatile messages wait for a receiver at most, and how many bytes. Past it the oldest is dropped: nothing else
// bounds them.
const (
	maxFleeting      = 256
	maxFleetingBytes = 256 << 10
)

// size is what a message counts towards that; a very long one is past it in any case.
func (d *delivery) size() int32 { return int32(min(len(d.b.B), 1<<24)) }

// keepForLater puts a message into the inbox.
func (l *Link) keepForLater(d delivery) {
	l.inbox = append(l.inbox, d)
	if d.ref.Seq != 0 {
		return
	}
	l.fleeting++
	l.fleetingB += d.size()
	for i := 0; l.fleeting > 1 && (l.fleeting > maxFleeting || l.fleetingB > maxFleetingBytes); {
		if l.inbox[i].ref.Seq != 0 {
			i++
			continue
		}
		l.fleeting--
		l.fleetingB -= l.inbox[i].size()
		l.inbox[i].b.Free()
		l.inbox = slices.Delete(l.inbox, i, i+1)
		if i < l.gapAt {
			l.gapAt--
		}
	}
}

// Pending says that something has come on a socket while nobody receives. It does not block.
func (l *Link) Pending() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.startPump()
}

// startPump has the socket read in the background, as soon as nobody else reads.
func (l *Link) startPump() {
	l.come = l.receiving
	if l.pumping || l.receiving || l.sock == nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	l.pumping, l.stopPump = true, stop
	go l.pump(ctx, stop, l.sock)
}

func (l *Link) pump(ctx context.Context, stop context.CancelFunc, s Socket) {
	defer stop()
	for {
		_, data, err := s.Next(ctx)
		l.mu.Lock()
		if err == nil {
			if payload, ref, ok := l.read(s, data); ok {
				b := wire.GetBlock(len(payload))
				b.B = append(b.B, payload...)
				l.keepForLater(delivery{ref, b})
				l.stirred()
			}
			s.Done()
		} else if ctx.Err() == nil || s.Err() != nil {
			l.ended(s, err)
		}
		if err != nil || ctx.Err() != nil || s != l.sock {
			l.pumping = false
			if !l.receiving {
				l.startPump() // another socket has come meanwhile
			}
			l.stirred()
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
	}
}
