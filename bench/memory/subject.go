package memory

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/rivals/limit"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
	served "github.com/tandem-ws/tandem/bench/rivals/tandem"
	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Task is what a subject is to do.
type Task struct {
	App   rival.App
	Size  int // of raw payloads
	Batch int // frames a read finds at once
	// Foreign hands out connections that cannot be read or written without blocking.
	Foreign bool
}

// message gives the payload of the task, and its opcode.
func (t Task) message() (op byte, payload []byte, err error) {
	if t.App.Raw() {
		return t.App.Op(), make([]byte, t.Size), nil
	}
	codec := msg.Codecs[t.App.Codec]
	payload, err = msg.Encode(codec, t.App.Message)
	return byte(codec.FrameKind()), payload, err
}

// Subject is a server loop. It starts on a feed and returns at once.
type Subject func(t Task, conn net.Conn) error

// The subjects.
var (
	Limit      Subject = handler(limit.Echo)
	LimitCo    Subject = handler(limit.EchoCoalescing)
	Tandem     Subject = handler(served.Echo)
	TandemRaw  Subject = handler(rawEcho)
	TandemPass Subject = handler(passEcho)
	Engine     Subject = engineEcho
)

// Handler makes a subject of any server that takes over connections from net/http.
func handler(echo func(rival.App) http.Handler) Subject {
	return func(t Task, conn net.Conn) error {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://127.0.0.1/echo/raw", nil)
		if err != nil {
			return err
		}
		for name, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		} {
			r.Header.Set(name, value)
		}
		go echo(t.App).ServeHTTP(&answer{conn: conn, header: http.Header{}}, r) // it ends with the connection
		return nil
	}
}

// answer is the http.ResponseWriter of a connection that is to be taken over.
type answer struct {
	conn   net.Conn
	header http.Header
}

func (a *answer) Header() http.Header { return a.header }
func (a *answer) Write(p []byte) (int, error) {
	return 0, fmt.Errorf("the server has answered %.200q", p)
}
func (a *answer) WriteHeader(int) { a.conn.Close() }

func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return a.conn, bufio.NewReadWriter(bufio.NewReader(a.conn), bufio.NewWriter(a.conn)), nil
}

// engineEcho is the engine without the typed face: what everything above adds to. Each call has a context that can be
// cancelled.
func engineEcho(_ Task, conn net.Conn) error {
	cfg := &engine.Config{
		MaxMessage: rival.MaxMessage, MaxSend: rival.MaxMessage, MaxFragments: 1024, MessageTimeout: 30 * time.Second,
		PongTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, CloseTimeout: 5 * time.Second, QueueMessages: 256, QueueBytes: 1 << 20,
	}
	c := engine.New(conn, cfg, engine.Options{})
	go func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		defer c.Abort(wire.ErrClosed)
		for {
			kind, p, err := c.Next(ctx)
			if err != nil {
				return
			}
			b := c.Begin()
			b.Grow(len(p))
			b.B = append(b.B, p...)
			c.Done()
			if err := c.Commit(ctx, kind, b); err != nil {
				return
			}
		}
	}()
	return nil
}

// rawEcho is RawConn with a context of its own, that can be cancelled, on each call.
func rawEcho(rival.App) http.Handler {
	e := &tandem.Endpoint[struct{}, []byte, []byte]{Path: "/echo/raw", Codec: pass{}, Limits: limits}
	_, h := e.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[[]byte, []byte]) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r := c.Raw()
		var buf []byte
		for {
			f, err := r.RecvInto(ctx, buf)
			if err != nil {
				return err
			}
			buf = f.Data
			if err := r.Send(ctx, f); err != nil {
				return err
			}
		}
	}, nil)
	return h
}

// passEcho is a typed echo whose codec does nothing that depends on the message but copy it once: what Conn costs.
func passEcho(rival.App) http.Handler {
	e := &tandem.Endpoint[struct{}, passed, passed]{Path: "/echo/raw", Codec: pass{}, Limits: limits}
	_, h := e.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[passed, passed]) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for {
			m, err := c.Recv(ctx)
			if err != nil {
				return err
			}
			if err := c.Send(ctx, m); err != nil {
				return err
			}
		}
	}, nil)
	return h
}

var limits = tandem.Limits{MaxClientMessage: rival.MaxMessage, MaxServerMessage: rival.MaxMessage}

// passed is a message of which only the length is kept.
type passed struct{ n int }

// pass is a codec for such messages.
type pass struct{}

var zeros [rival.MaxMessage]byte

func (pass) Name() string                { return "pass" }
func (pass) FrameKind() tandem.FrameKind { return tandem.FrameBinary }

func (pass) Append(dst []byte, v any) ([]byte, error) {
	p, ok := v.(*passed)
	if !ok {
		return dst, errors.ErrUnsupported
	}
	return append(dst, zeros[:p.n]...), nil
}

func (pass) Decode(src []byte, v any) error {
	p, ok := v.(*passed)
	if !ok {
		return errors.ErrUnsupported
	}
	p.n = len(src)
	return nil
}
