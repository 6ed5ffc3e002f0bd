package live

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"
	"sync"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/signals"
)

// Socket is a websocket that stays connected: see [Use]. It receives messages of type Recv and sends messages of type Send.
type Socket[Recv, Send any] struct {
	m     *machine
	in    *inbox[Recv, Send]
	state *signals.Memo[State]
	open  *signals.Memo[bool]

	posts   sync.Mutex // guards the rest
	posted  []post[Send]
	posting bool
}

func newSocket[Recv, Send any](s *signals.Scope, o *Options) *Socket[Recv, Send] {
	in := &inbox[Recv, Send]{max: o.Buffer}
	if in.max <= 0 {
		in.max = defaultBuffer
	}
	ws := &Socket[Recv, Send]{m: newMachine(s, o, in), in: in}
	ws.state = signals.Map(ws.Status(), func(s Status) State { return s.State })
	ws.open = signals.Map(ws.Status(), func(s Status) bool { return s.State == Open })
	return ws
}

// Status is how the socket is. It is always true: it is written before anything that waits goes on.
func (ws *Socket[Recv, Send]) Status() signals.Readable[Status] { return ws.m.status }

// State is the State of the Status alone.
func (ws *Socket[Recv, Send]) State() signals.Readable[State] { return ws.state }

// IsOpen tells whether the State is Open.
func (ws *Socket[Recv, Send]) IsOpen() signals.Readable[bool] { return ws.open }

// Connect waits until the socket is open. It returns an error when it will not be by itself: why the last conversation or
// attempt has ended, tandem.ErrClosed after Close or when the scope is disposed, or ctx's.
func (ws *Socket[Recv, Send]) Connect(ctx context.Context) error {
	_, err := ws.m.wait(ctx, 0, true)
	return err
}

// Send sends a message. While there is no conversation, it waits until there is, also over several attempts, as long as ctx
// allows; a session that waits for its next socket takes it. It returns an error as Connect does, or as [tandem.Conn.Send] does for a message that cannot be sent. After an
// error nothing of the message was sent. Messages of one goroutine arrive in the order they were sent.
func (ws *Socket[Recv, Send]) Send(ctx context.Context, msg Send) error {
	for id := 0; ; {
		v, err := ws.m.wait(ctx, id, false)
		if err != nil {
			return err
		}
		c := v.l.c.(*tandem.Conn[Recv, Send])
		err = c.Send(ctx, msg)
		switch {
		case err == nil, ctx.Err() != nil, errors.Is(err, tandem.ErrTooBig), errors.Is(err, tandem.ErrQueueFull):
			return err
		}
		if _, ok := errors.AsType[*tandem.EncodeError](err); ok {
			return err
		}
		switch {
		case isGap[Send](err) && !isGap[Send](c.Err()): // another session has taken its place, and Recv does not hear of it
			f := newFresh(err)
			v.l.word.say(f)
			ws.m.post(event{kind: gapped, link: v.l, fresh: f})
		case c.Err() != nil:
			ws.m.post(event{kind: failed, link: v.l, err: err})
		}
		id = v.id // nothing was sent, and the next conversation is to be waited for
	}
}

// SendVolatile sends a message that is stale in a moment, as [tandem.Conn.SendVolatile] does, if the socket is open and that
// can be done at once; it reports whether it was sent. While there is no connection the message is dropped, which is no error.
func (ws *Socket[Recv, Send]) SendVolatile(msg Send) (sent bool, err error) {
	c := ws.m.current()
	if c == nil {
		return false, nil
	}
	return c.(*tandem.Conn[Recv, Send]).SendVolatile(msg)
}

// Recv waits for the next message, over as many conversations as it takes. Where another one begins it returns a *[Break]
// once, and the next call goes on with that. Any other error is final, until the socket is connected again because of
// changed parameters or Restart: the peer's end, which matches io.EOF if it was normal, or what has kept it from being
// connected; tandem.ErrClosed after Close and when the scope is disposed, which drop what was not received. Of several calls
// at once each gets another message.
func (ws *Socket[Recv, Send]) Recv(ctx context.Context) (msg Recv, err error) {
	i, err := ws.in.take(ctx)
	if err == nil && i.brk != nil {
		err = i.brk
	}
	return i.msg, err
}

// Messages gives the messages as they come, in a range loop, over all conversations. It ends quietly after a normal end and
// after Close, with ctx's error when ctx ends, and with any other final error of Recv. Each range over it goes on with the
// next message; over a socket that is closed it ends at once.
func (ws *Socket[Recv, Send]) Messages(ctx context.Context) iter.Seq2[Recv, error] {
	return func(yield func(Recv, error) bool) {
		for {
			msg, err := ws.Recv(ctx)
			if _, ok := errors.AsType[*Break](err); ok {
				continue
			}
			if errors.Is(err, io.EOF) || errors.Is(err, tandem.ErrClosed) || !yield(msg, err) || err != nil {
				return
			}
		}
	}
}

// Listen calls f with each message, one after the other, until ctx ends, and returns its error. Unlike a loop over Messages
// it goes on after a final error, and after Close, when the socket is connected again: it is for what lives as long as a page
// does. Why nothing comes meanwhile is in the Status.
func (ws *Socket[Recv, Send]) Listen(ctx context.Context, f func(msg Recv)) error {
	for {
		switch msg, err := ws.Recv(ctx); {
		case err == nil:
			f(msg)
		case ctx.Err() != nil:
			return ctx.Err()
		case !ws.m.again(ctx, err):
			return tandem.ErrClosed
		}
	}
}

// OnOpen has f called whenever a conversation begins, and at once if one has, before Send goes on: the place to send what
// each conversation begins with. An error, or a panic, closes the conversation; another is tried then.
// ctx ends with the conversation, when this side ends it. f replaces the function that was there before, and must not call
// Send of the socket: it has the connection, on which it must not receive. It may be called for one conversation before it
// has returned for another. A socket that is to have it from the start is made with [Options].Manual, and started with
// Restart.
func (ws *Socket[Recv, Send]) OnOpen(f func(ctx context.Context, c *tandem.Conn[Recv, Send]) error) {
	var h hook
	if f != nil {
		h = func(ctx context.Context, c conn) error { return f(ctx, c.(*tandem.Conn[Recv, Send])) }
	}
	ws.m.mu.Lock()
	ws.m.hook = h
	ws.m.hooks++
	ws.m.mu.Unlock()
	ws.m.post(event{kind: hooked})
}

// Set puts a connection that the program has made in place of the current one, or, if c is nil, an error: the socket is
// FailedToConnect with that then. An attempt that is under way or planned is given up. When the connection is lost, it is
// replaced as any other. The socket closes it in the end. In a disposed scope that is at once.
func (ws *Socket[Recv, Send]) Set(c *tandem.Conn[Recv, Send], err error) {
	if c != nil {
		ws.m.revive(true)
		ws.m.post(event{kind: set, c: c})
		return
	}
	ws.m.post(event{kind: set, err: err})
}

// Restart begins another conversation, whatever the state: also after Close, and where it had been given up. In a disposed
// scope it does nothing.
func (ws *Socket[Recv, Send]) Restart() {
	ws.m.revive(true)
	ws.m.post(event{kind: restart})
}

// Close ends the conversation, with a code and a reason as [tandem.Conn.Close] does, and waits for that, so an effect must
// not call it. The socket stays closed until Restart is called; messages that were not received are dropped. It returns nil
// when the peer has answered or there was no conversation, and else as that method does; in a session that may be a
// *tandem.Gap, with the messages that were not delivered. With a code that cannot be sent it does nothing.
func (ws *Socket[Recv, Send]) Close(code tandem.Code, reason string) error {
	if !code.Valid() {
		return errors.New("live: " + strconv.Itoa(int(code)) + " is not a close code that may be sent")
	}
	done := make(chan error, 1)
	ws.m.post(event{kind: closeIt, code: code, reason: reason, done: done})
	return <-done
}
