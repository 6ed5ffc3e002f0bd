//go:build js

package jsws

import (
	"context"
	"errors"
	"sync"
	"syscall/js"
	"time"

	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Conn is a client's end of a websocket connection, made by Dial.
type Conn struct {
	cfg *Config
	own Owner // or nil

	socket js.Value
	on     js.Func // the listener to everything; released by finish
	burst  *burst

	opened chan struct{} // closed when the handshake is over, one way or the other
	gone   chan struct{} // closed when the connection has ended
	ready  chan struct{} // tells who receives to look again; holds one

	mu       sync.Mutex // guards what follows, and the order of what is sent
	state    state
	err      error // why the connection has ended or is about to
	deaf     bool  // this side has closed: what has come is not handed out any more
	peerDone bool  // the peer's Close frame has come
	closeErr error // why the close handshake was not completed
	bound    *time.Timer
	hidden   bool // the page has left: nobody is told of the end before it comes back
	told     bool // the owner knows of the end

	in  inbox
	out outbox
}

type state uint8

const (
	connecting state = iota
	open
	closing // close was called, or the page has
	ended
)

// Owner is told what happens to a connection. The methods must not block.
type Owner interface {
	// Ended is called once, when the connection has ended and all messages have been received, with the reason.
	Ended(c *Conn, why error)
	// Pending is called when a message lies ready and nobody has received for a while.
	Pending()
}

var (
	errNoSocket = errors.New("there is no WebSocket here; node 20 has one with --experimental-websocket")
	errRefused  = errors.New("the browser could not connect, and does not tell why")
	errBroken   = errors.New("there was no Close frame")
	errNoClose  = errors.New("the peer did not answer the Close frame")
)

// Dial opens a connection and offers the subprotocols. ctx bounds the handshake. A failed one is a wire.LostError: the
// browser does not tell a refusal from a server that is not there.
func Dial(ctx context.Context, url string, offers []string, cfg *Config, own Owner) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	constructor := js.Global().Get("WebSocket")
	if !constructor.Truthy() {
		return nil, errNoSocket
	}
	protocols := make([]any, len(offers))
	for i, p := range offers {
		protocols[i] = p
	}
	c := &Conn{
		cfg: cfg, own: own,
		opened: make(chan struct{}), gone: make(chan struct{}), ready: make(chan struct{}, 1),
	}
	if err := attempt(func() { c.socket = constructor.New(url, protocols) }); err != nil {
		return nil, err // not a URL, not a token, or http where only https may be
	}
	c.socket.Set("binaryType", "arraybuffer")
	c.on = js.FuncOf(c.event)
	c.burst = collect(c.socket, c.on)
	for _, t := range events {
		c.socket.Call("addEventListener", t, c.on)
	}
	select {
	case <-c.opened:
	case <-ctx.Done():
		c.Abort(ctx.Err())
		return nil, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == ended {
		return nil, c.err
	}
	return c, nil
}

// events are what a socket tells Go of right away.
var events = [...]string{"open", "error", "close"}

// Subprotocol is what the server has chosen; "" if nothing.
func (c *Conn) Subprotocol() string { return c.socket.Get("protocol").String() }

// Err is why the connection ended or is about to; nil while it is open.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// event is called by the browser. Whatever goes wrong here must not end the program.
func (c *Conn) event(_ js.Value, args []js.Value) any {
	defer func() {
		if r := recover(); r != nil {
			c.Abort(wire.Lost(say.Errorf("panic in a callback: %v", r)))
		}
	}()
	switch e := args[0]; e.Get("type").String() {
	case "open":
		c.isOpen()
	case "message":
		c.drain()
	case "error": // a close follows, but node 20 leaves that out when the handshake has failed
		c.failed()
	case "close":
		c.drain()
		c.closed(e.Get("code").Int(), e.Get("reason").String())
	}
	return nil
}

func (c *Conn) isOpen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != connecting {
		return
	}
	c.state = open
	visible.add(c)
	close(c.opened)
}

func (c *Conn) failed() {
	c.mu.Lock()
	early := c.state == connecting
	c.mu.Unlock()
	if early {
		c.finish(wire.Lost(errRefused))
	}
}

// closed acts on the end of the socket.
func (c *Conn) closed(code int, reason string) {
	var err error = &wire.CloseError{Code: code, Reason: reason}
	c.mu.Lock()
	switch {
	case c.hidden: // the page is about to be put away, and learns of it when it comes back
		c.mu.Unlock()
		return
	case c.state == connecting:
		err = wire.Lost(errRefused)
	case code == codeAbnormal:
		err = wire.Lost(errBroken)
	default:
		c.peerDone = true
	}
	if c.state == closing && !c.peerDone && c.closeErr == nil {
		c.closeErr = err
	}
	c.mu.Unlock()
	c.finish(err)
}

// codeAbnormal is what a browser calls the end of a connection without a Close frame.
const codeAbnormal = 1006

// finish ends the connection: nothing comes any more and nothing is sent, whoever waits is woken, and the callbacks are
// released.
func (c *Conn) finish(reason error) {
	c.mu.Lock()
	if c.state == ended {
		c.mu.Unlock()
		return
	}
	if c.state == connecting {
		close(c.opened)
	}
	c.state = ended
	if c.err == nil {
		c.err = reason
	}
	c.out.drop()
	if c.bound != nil {
		c.bound.Stop()
	}
	c.wake()
	close(c.gone)
	c.tell()
	c.mu.Unlock()

	visible.remove(c)
	c.burst.stop()
	for _, t := range events {
		c.socket.Call("removeEventListener", t, c.on)
	}
	c.on.Release()
}

// tell tells the owner of the end, when nothing is left to be received. The lock is held.
func (c *Conn) tell() {
	if c.own == nil || c.told || c.state != ended || c.in.len() > 0 && !c.deaf {
		return
	}
	c.told = true
	c.own.Ended(c, c.err)
}

// wake has who receives look again. The lock need not be held.
func (c *Conn) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// attempt calls f, and returns what JavaScript throws there.
func attempt(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			thrown, ok := r.(js.Error)
			if !ok {
				panic(r)
			}
			err = thrown
		}
	}()
	f()
	return nil
}
