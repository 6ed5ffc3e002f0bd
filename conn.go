package tandem

import (
	"context"
	"errors"
	"io"
	"iter"
	"reflect"
	"strings"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// Conn is one end of a typed connection: it receives messages of type Recv and sends messages of type Send. A handler
// gets a Conn[In, Out] of its endpoint, Dial returns a Conn[Out, In].
//
// One goroutine at a time may receive. Send, Ping, Close and the other methods may be called from any number of
// goroutines at once, also while one receives.
type Conn[Recv, Send any] struct {
	end
	codec Codec
	proto string
	gap   *wire.SessionError // the end of the session that this one replaces
}

// end is what a Conn and its RawConn have in common.
type end struct {
	core   core
	server bool
}

// core is what a connection is made on: the engine, in a browser jsws, or the link of a session.
type core interface {
	// Next waits for a message. After success the payload is valid until Done, which must be called.
	Next(ctx context.Context) (wire.Kind, []byte, error)
	// In is a place for a value to decode the message into, which stays with the message's buffer.
	In() *any
	// NextFrame is Next that shows control frames too.
	NextFrame(ctx context.Context) (wire.Frame, error)
	Done()
	// Begin lends a block to append a message to, behind its From. Commit takes it over and sends it; Cancel gives it
	// back unsent.
	Begin() *wire.Block
	Commit(ctx context.Context, kind wire.Kind, b *wire.Block) error
	Cancel(b *wire.Block)
	// Volatile sends the message in a block from Begin, which it takes over, if that needs no waiting.
	Volatile(kind wire.Kind, b *wire.Block) (sent bool, err error)
	// Send sends a frame of any kind but Close.
	Send(ctx context.Context, kind wire.Kind, payload []byte) error
	Ping(ctx context.Context) (time.Duration, error)
	// StartClose sends a Close frame without waiting for the peer's; from then on calls return why.
	StartClose(why error, code int, reason string)
	Close(code int, reason string) error
	Abort(reason error)
	Err() error
}

// Recv waits for the next message.
//
// When the peer has ended the conversation normally, the error matches io.EOF; it is a *CloseError with the code then.
// Any other Close frame gives a *CloseError that does not match io.EOF, a connection that broke gives an error that
// matches [ErrLost], a message that cannot be decoded a *[DecodeError], upon which the connection is closed with 1007,
// and a cancelled ctx its error. A cancelled call loses nothing: the next one takes up where it stopped.
//
// In a session a lost socket is no error. When the session itself cannot go on, a *[Gap] tells why and what was not
// delivered; it matches ErrLost too. Asking for the next message acknowledges the last.
func (c *Conn[Recv, Send]) Recv(ctx context.Context) (msg Recv, err error) {
	_, data, err := c.core.Next(ctx)
	if err != nil {
		return msg, c.public(err)
	}
	err = c.decode(data, &msg)
	return msg, err
}

// decode decodes what Next gave, and gives it back.
//
// It is no part of Recv because Recv waits: what is on the stack while a connection is idle decides how much stack it
// keeps. The collector halves one of 8 KiB only when less than about 1250 bytes of it are in use.
//
//go:noinline
func (c *Conn[Recv, Send]) decode(data []byte, msg *Recv) (err error) {
	defer c.core.Done()
	in := c.core.In()
	p, ok := (*in).(*Recv)
	if !ok {
		p = new(Recv)
	}
	*in = nil // a codec that panics leaves p half filled: nobody may find it then
	if err = c.codec.Decode(data, p); err == nil {
		*msg = *p
	} else {
		err = c.undecodable(err)
	}
	var none Recv
	*p = none
	*in = p
	return err
}

// undecodable closes the connection with 1007. The codec's error is the reason: it speaks of the peer's own message.
func (c *Conn[Recv, Send]) undecodable(err error) error {
	de := &DecodeError{Codec: c.codec.Name(), Type: reflect.TypeFor[Recv]().String(), Offset: -1, Err: err}
	var at interface{ Offset() int }
	if errors.As(err, &at) {
		de.Offset = at.Offset()
	}
	reason := err.Error()
	if !strings.HasPrefix(reason, de.Codec+":") {
		reason = de.Codec + ": " + reason
	}
	if errors.Is(err, io.EOF) {
		de.Err = io.ErrUnexpectedEOF // many decoders say io.EOF for a short message; here it means a normal end
	}
	c.core.StartClose(wire.Violated(wire.CodeInvalid, reason), wire.CodeInvalid, reason)
	return de
}

// Messages gives the messages as they come, in a range loop. It ends quietly when the peer ends the conversation
// normally; every other end is its last pair, with the error Recv would have returned. Breaking out of the loop leaves
// the connection open, and another call goes on with the next message.
func (c *Conn[Recv, Send]) Messages(ctx context.Context) iter.Seq2[Recv, error] {
	return func(yield func(Recv, error) bool) { c.each(ctx, yield) }
}

// each hands the messages to a loop's body. Inlined into the function around the loop, it and the body would keep room
// for several messages on the stack of a connection that waits for one: 950 bytes with a message of 144.
//
//go:noinline
func (c *Conn[Recv, Send]) each(ctx context.Context, yield func(Recv, error) bool) {
	for {
		_, data, err := c.core.Next(ctx)
		if !c.hand(data, err, yield) {
			return
		}
	}
}

// hand gives the outcome of a Next to a loop's body. It reports whether the loop goes on.
//
//go:noinline
func (c *Conn[Recv, Send]) hand(data []byte, err error, yield func(Recv, error) bool) bool {
	var msg Recv
	if err == nil {
		err = c.decode(data, &msg)
	} else if err = c.public(err); errors.Is(err, io.EOF) {
		return false
	}
	return yield(msg, err) && err == nil
}

// Send sends a message. It returns when the message is on its way or queued behind others; only when the queue is full
// does it wait (see [Limits].Overflow). Messages of one goroutine arrive in the order they were sent.
//
// An error means that nothing of the message was sent: it could not be encoded (*[EncodeError]), it is longer than the
// limit (*[TooBigError]), ctx was cancelled, or the connection is closed. The first three leave the connection as it
// was. A nil error does not mean that the peer has the message: that only an answer can tell.
//
// When the server shuts down, a handler's own context does not stop Send, so that the answer to the last message still
// goes out; a context derived from it does.
func (c *Conn[Recv, Send]) Send(ctx context.Context, msg Send) error {
	b, err := c.begin(&msg)
	if err != nil {
		return err
	}
	return c.public(c.core.Commit(ctx, wire.Kind(c.codec.FrameKind()), b))
}

// SendVolatile sends a message that is stale in a moment, such as the position of a cursor, if that can be done at once,
// and reports whether it was: when the queue is full, or a session has no socket just now, the message is dropped, and
// that is no error. In a session it is not sent again when its socket is lost, and it may overtake messages that are.
func (c *Conn[Recv, Send]) SendVolatile(msg Send) (sent bool, err error) {
	b, err := c.begin(&msg)
	if err != nil {
		return false, err
	}
	sent, err = c.core.Volatile(wire.Kind(c.codec.FrameKind()), b)
	return sent, c.public(err)
}

// begin encodes a message into a block that is to be sent.
func (c *Conn[Recv, Send]) begin(msg *Send) (*wire.Block, error) {
	b := c.core.Begin()
	begun := b
	defer func() {
		if begun != nil { // also when the codec panics
			c.core.Cancel(begun)
		}
	}()
	if err := c.encode(b, msg); err != nil {
		return nil, &EncodeError{Codec: c.codec.Name(), Type: reflect.TypeFor[Send]().String(), Err: err}
	}
	begun = nil
	return b, nil
}

// encode appends the message to the block. What is given to a codec escapes to the heap, so it is a copy that is used
// again and again: it stays with the block.
func (c *Conn[Recv, Send]) encode(b *wire.Block, msg *Send) error {
	p, ok := b.Out.(*Send)
	if !ok {
		p = new(Send)
		b.Out = p
	}
	*p = *msg
	err := c.append(b, p)
	var none Send
	*p = none
	return err
}

func (c *Conn[Recv, Send]) append(b *wire.Block, msg *Send) error {
	at := b.From - len(appendMark)
	copy(b.B[at:], appendMark)
	out, err := c.codec.Append(b.B[at:], msg) // before the mark may stand other messages, which are none of its business
	if err != nil {
		return err
	}
	if len(out) < len(appendMark) || string(out[:len(appendMark)]) != appendMark {
		return errNotAppended
	}
	if &out[0] != &b.B[at] { // it had to grow
		b.B = b.B[:at]
		b.Grow(len(out))
		b.B = append(b.B, out...)
		return nil
	}
	b.B = b.B[:at+len(out)]
	return nil
}

// appendMark stands before the message while a codec appends it, to see that it is still there afterwards.
const appendMark = "tndm"

var errNotAppended = errors.New("the codec's Append returned a buffer of its own instead of appending to dst")

// Ping asks the peer for a sign of life and waits for it; it returns how long that took. Nobody needs to be receiving,
// but when messages lie unread the answer is seen only after them.
//
// A browser sends no pings: there the error of a plain connection matches errors.ErrUnsupported. Sessions have pings of
// their own, so in a session it works everywhere.
func (c *Conn[Recv, Send]) Ping(ctx context.Context) (time.Duration, error) {
	d, err := c.core.Ping(ctx)
	return d, c.public(err)
}

// Close ends the conversation: it sends what is queued and a Close frame, waits for the peer's, and closes the
// connection, all within [Limits].CloseTimeout. It returns nil when the peer has answered, or had closed already; else
// an error that matches ErrLost. The reason is cut to 123 bytes.
//
// A browser sends no codes from 1001 to 2999. It sends 3950 more instead, and a tandem server takes that for the code that was
// meant; others see, say, 4957 for 1007.
//
// A handler need not call Close: returning does, see [Endpoint.Handler]. Calling it again is harmless.
func (c *Conn[Recv, Send]) Close(code Code, reason string) error {
	if err := checkCode(code); err != nil {
		return err
	}
	return c.public(c.core.Close(int(code), wire.CutReason(reason)))
}

// CloseNow drops the connection without a Close frame and waits for nothing. The peer sees a lost connection. A
// browser cannot drop one: it closes with 3008, which says to come back, and waits for nothing either.
func (c *Conn[Recv, Send]) CloseNow() { c.core.Abort(wire.ErrClosed) }

// Err tells why the connection has ended or is about to, as Recv would; nil while it is open.
func (c *Conn[Recv, Send]) Err() error { return c.public(c.core.Err()) }

// Codec is the codec in use: the endpoint's, or the one that was negotiated.
func (c *Conn[Recv, Send]) Codec() Codec { return c.codec }

// Subprotocol is the subprotocol that was negotiated, "" if none was.
func (c *Conn[Recv, Send]) Subprotocol() string { return c.proto }

// Raw gives the connection's frames, below its types.
func (c *Conn[Recv, Send]) Raw() RawConn { return RawConn{&c.end} }
