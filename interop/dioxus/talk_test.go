package dioxus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/internal/assert"
)

// The endpoints of src/talk.rs.

type how struct {
	How string `path:"how"`
}

type lengths struct {
	Down int `query:"down"`
	Up   int `query:"up"`
}

type (
	textConn  = tandem.Conn[string, string]
	textPoint = tandem.Endpoint[struct{}, string, string]
	endPoint  = tandem.Endpoint[how, string, string]
)

func rawEndpoint() *textPoint { return &textPoint{Path: "/raw", Codec: json.Codec} }

func endEndpoint() *endPoint { return &endPoint{Path: "/end/{how}", Codec: json.Codec} }

func numbersEndpoint() *tandem.Endpoint[struct{}, int32, int32] {
	return &tandem.Endpoint[struct{}, int32, int32]{Path: "/numbers", Codec: json.Codec}
}

func largeEndpoint(l tandem.Limits) *tandem.Endpoint[lengths, string, string] {
	return &tandem.Endpoint[lengths, string, string]{Path: "/large?down&up", Codec: json.Codec, Limits: l}
}

func burstEndpoint() *tandem.Endpoint[count, uint32, uint32] {
	return &tandem.Endpoint[count, uint32, uint32]{Path: "/burst?count", Codec: json.Codec}
}

// The example of the documentation of Dioxus, and ours, which has the same endpoint.
func TestServer_example(t *testing.T) {
	_, base := startServer(t)
	ctx := within(t)
	c, err := api.Uppercase.Dial(ctx, base, api.Person{Name: "Ada", Age: 36}, nil)
	assert.NoError(t, err)
	defer c.Close(tandem.CodeNormal, "")
	msg, err := c.Recv(ctx)
	assert.NoError(t, err)
	assert.Equal(t, msg, api.ServerEvent(api.Uppercased("Hello, Ada! You are 36 years old.")))
	for _, word := range []string{"hi", "héllo", ""} {
		assert.NoError(t, c.Send(ctx, api.TextInput(word)))
		msg, err := c.Recv(ctx)
		assert.NoError(t, err)
		assert.Equal(t, msg, api.ServerEvent(api.Uppercased(strings.ToUpper(word))))
	}
}

func TestClient_example(t *testing.T) {
	m, base := listen(t)
	serve(m, api.Uppercase, func(ctx context.Context, p api.Person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
		if err := c.Send(ctx, api.Uppercased(fmt.Sprintf("HELLO, %s, %d", p.Name, p.Age))); err != nil {
			return err
		}
		for msg, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := c.Send(ctx, api.Uppercased(strings.ToUpper(string(msg.(api.TextInput))))); err != nil {
				return err
			}
		}
		return nil
	})
	p := startClient(t, base)
	p.tell(t, command{"do": "uppercase", "words": []string{"hi", "héllo", ""}})
	p.want(t, "message", `Uppercase("HELLO, Ada, 36")`)
	p.want(t, "message", `Uppercase("HI")`)
	p.want(t, "message", `Uppercase("HÉLLO")`)
	p.want(t, "message", `Uppercase("")`)
	p.want(t, "done", "")
}

// A client that would speak in a session, and a server that knows none.
func TestServer_session(t *testing.T) {
	_, base := startServer(t)
	ctx := within(t)
	e := numbersEndpoint()
	e.Session = &tandem.SessionPolicy{}
	_, err := e.Dial(ctx, base, struct{}{}, nil)
	assert.True(t, err != nil && strings.Contains(err.Error(), "does not speak tandem.v1"), err)
	c, err := e.Dial(ctx, base, struct{}{}, &tandem.DialOptions{Plain: true})
	assert.NoError(t, err)
	defer c.Close(tandem.CodeNormal, "")
	assert.Equal(t, c.Subprotocol(), "")
	assert.NoError(t, c.Send(ctx, 1))
	got, err := c.Recv(ctx)
	assert.NoError(t, err)
	assert.Equal(t, got, 2)
}

// A client that knows no sessions, at an endpoint that offers them.
func TestClient_session(t *testing.T) {
	m, base := listen(t)
	e := numbersEndpoint()
	e.Session = &tandem.SessionPolicy{}
	serve(m, e, successors)
	p := startClient(t, base)
	p.tell(t, command{"do": "count", "numbers": 1})
	p.want(t, "message", "1")
	p.want(t, "done", "")
}

func successors(ctx context.Context, _ struct{}, c *tandem.Conn[int32, int32]) error {
	for n, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, n+1); err != nil {
			return err
		}
	}
	return nil
}

// Frames as they are, from Go to Dioxus and back.
func TestServer_frames(t *testing.T) {
	p, base := startServer(t)
	ctx := within(t)
	c, err := rawEndpoint().Dial(ctx, base, struct{}{}, nil)
	assert.NoError(t, err)
	raw := c.Raw()
	for _, row := range []struct {
		frame tandem.Frame
		seen  string
	}{
		{tandem.Frame{Kind: tandem.FrameText, Data: []byte("größe")}, `Text("größe")`},
		{tandem.Frame{Kind: tandem.FrameText}, `Text("")`},
		{tandem.Frame{Kind: tandem.FrameBinary, Data: []byte("\x00\xff")}, `Binary(b"\0\xff")`},
		{tandem.Frame{Kind: tandem.FrameBinary}, `Binary(b"")`},
		{tandem.Frame{Kind: tandem.FramePing, Data: []byte("are you there?")}, `Ping(b"are you there?")`},
		{tandem.Frame{Kind: tandem.FramePong, Data: []byte("here")}, `Pong(b"here")`},
	} {
		assert.NoError(t, raw.Send(ctx, row.frame))
		p.want(t, "frame", row.seen)
	}
	for _, want := range []tandem.Frame{
		{Kind: tandem.FramePong, Data: []byte("are you there?")},
		{Kind: tandem.FrameText, Data: []byte("größe")},
		{Kind: tandem.FrameBinary, Data: []byte("hi")},
		{Kind: tandem.FramePing, Data: []byte("still there?")},
		{Kind: tandem.FramePong, Data: []byte("unasked")},
		{Kind: tandem.FrameClose, Code: 4001, Data: []byte("bye")},
	} {
		order := map[tandem.FrameKind]string{
			tandem.FrameText: "text größe", tandem.FrameBinary: "binary hi", tandem.FramePing: "ping still there?", tandem.FramePong: "pong unasked",
			tandem.FrameClose: "close 4001 bye",
		}[want.Kind]
		if string(want.Data) != "are you there?" { // the answer to the ping above
			assert.NoError(t, raw.Send(ctx, tandem.Frame{Kind: tandem.FrameText, Data: []byte("send " + order)}))
		}
		got, err := raw.Recv(ctx)
		assert.NoError(t, err)
		if len(got.Data) == 0 {
			got.Data = nil
		}
		assert.Equal(t, got, want)
	}
	p.want(t, "frame", `Pong(b"still there?")`)
	p.want(t, "frame", `Close { code: Library(4001), reason: "bye" }`)
	p.want(t, "end", `ConnectionClosed { code: Normal, description: "Connection closed normally" }`)
}

func TestClient_frames(t *testing.T) {
	m, base := listen(t)
	frames := []tandem.Frame{
		{Kind: tandem.FrameText, Data: []byte("größe")},
		{Kind: tandem.FrameBinary, Data: []byte("\x00\xff")},
		{Kind: tandem.FramePing, Data: []byte("are you there?")},
		{Kind: tandem.FramePong, Data: []byte("here")},
	}
	got := make(chan tandem.Frame, 16)
	returned := serve(m, rawEndpoint(), func(ctx context.Context, _ struct{}, c *textConn) error {
		for _, f := range frames {
			if err := c.Raw().Send(ctx, f); err != nil {
				return err
			}
		}
		for {
			f, err := c.Raw().Recv(ctx)
			if err != nil {
				return err
			}
			got <- f
		}
	})
	p := startClient(t, base)
	p.tell(t, command{"do": "frames", "send": []string{"text größe", "binary hi", "ping still there?", "pong unasked", "close 4001 bye"}})
	for _, seen := range []string{`Text("größe")`, `Binary(b"\0\xff")`, `Ping(b"are you there?")`, `Pong(b"here")`, `Pong(b"still there?")`, `Close { code: Library(4001), reason: "bye" }`} {
		p.want(t, "frame", seen)
	}
	p.want(t, "end", `ConnectionClosed { code: Normal, description: "Connection closed normally" }`)
	p.want(t, "done", "")
	for _, want := range []tandem.Frame{
		{Kind: tandem.FrameText, Data: []byte("größe")},
		{Kind: tandem.FrameBinary, Data: []byte("hi")},
		{Kind: tandem.FramePing, Data: []byte("still there?")},
		{Kind: tandem.FramePong, Data: []byte("unasked")},
		{Kind: tandem.FrameClose, Code: 4001, Data: []byte("bye")},
	} {
		assert.Equal(t, soon(t, got), want)
	}
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, soon(t, returned)).Code, 4001)
}

// All ways in which a server of Dioxus ends a conversation. One whose function returns says nothing.
func TestServer_ends(t *testing.T) {
	p, base := startServer(t)
	for _, row := range []struct {
		how    string
		code   tandem.Code // 0: lost
		reason string
		quiet  bool
	}{
		{"returns", 0, "", false},
		{"panics", 0, "", false},
		{"closes", tandem.CodeNormal, "done", true},
		{"closes with a code", 4001, "bye", false},
		{"closes and returns", 4001, "bye", false},
		{"closes without a code", tandem.CodeNoStatus, "", true},
	} {
		t.Run(row.how, func(t *testing.T) {
			ctx := within(t)
			c, err := endEndpoint().Dial(ctx, base, how{row.how}, nil)
			assert.NoError(t, err)
			msg, err := c.Recv(ctx)
			assert.NoError(t, err)
			assert.Equal(t, msg, "hello")
			_, err = c.Recv(ctx)
			assert.Equal(t, errors.Is(err, io.EOF), row.quiet, "a normal end")
			if row.code == 0 {
				assert.ErrorIs(t, err, tandem.ErrLost)
				return
			}
			closed := assert.ErrorAs[*tandem.CloseError](t, err)
			assert.Equal(t, closed.Code, row.code)
			assert.Equal(t, closed.Reason, row.reason)
		})
	}
	t.Run("is killed", func(t *testing.T) {
		ctx := within(t)
		c, err := endEndpoint().Dial(ctx, base, how{"receives"}, nil)
		assert.NoError(t, err)
		_, err = c.Recv(ctx)
		assert.NoError(t, err)
		p.kill(t)
		_, err = c.Recv(ctx)
		assert.ErrorIs(t, err, tandem.ErrLost)
	})
}

// A client in Go ends a conversation with a server of Dioxus, which answers a Close frame only if it receives again.
func TestServer_isLeft(t *testing.T) {
	p, base := startServer(t)
	open := func(t *testing.T, kind string) *textConn {
		t.Helper()
		c, err := endEndpoint().Dial(within(t), base, how{kind}, nil)
		assert.NoError(t, err)
		msg, err := c.Recv(within(t))
		assert.NoError(t, err)
		assert.Equal(t, msg, "hello")
		return c
	}
	t.Run("closed and answered", func(t *testing.T) {
		c := open(t, "receives on")
		assert.NoError(t, c.Close(tandem.CodeNormal, "done"), "the peer has answered")
		p.want(t, "end", `Err(ConnectionClosed { code: Normal, description: "done" })`)
		p.want(t, "gone", "")
	})
	t.Run("closed with a code", func(t *testing.T) {
		c := open(t, "receives on")
		assert.NoError(t, c.Close(4001, "bye"))
		p.want(t, "end", `Err(ConnectionClosed { code: Library(4001), description: "bye" })`)
		p.want(t, "gone", "")
	})
	t.Run("closed without an answer", func(t *testing.T) {
		c := open(t, "receives")
		err := c.Close(tandem.CodeNormal, "done")
		assert.ErrorIs(t, err, tandem.ErrLost, "the loop of the documentation of Dioxus")
		p.want(t, "end", `ConnectionClosed { code: Normal, description: "done" }`)
	})
	t.Run("closed without a code", func(t *testing.T) {
		c := open(t, "receives")
		assert.NoError(t, c.Raw().Send(within(t), tandem.Frame{Kind: tandem.FrameClose}))
		p.want(t, "end", "AlreadyClosed")
		assert.ErrorIs(t, c.Close(tandem.CodeNormal, ""), tandem.ErrLost)
	})
}

// All ways in which a server in Go ends a conversation, and what a client of Dioxus makes of them.
func TestClient_ends(t *testing.T) {
	m, base := listen(t)
	returned := serve(m, endEndpoint(), func(ctx context.Context, p how, c *textConn) error {
		if err := c.Send(ctx, "hello"); err != nil {
			return err
		}
		switch p.How {
		case "returns":
			return nil
		case "fails":
			return errors.New("a reason that is not told")
		case "closes":
			return c.Close(tandem.CodeNormal, "done")
		case "closes with a code":
			return &tandem.CloseError{Code: 4001, Reason: "bye"}
		case "closes without a code":
			return c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameClose})
		}
		_, err := c.Recv(ctx)
		return err
	})
	p := startClient(t, base)
	for _, row := range []struct{ how, error string }{
		{"returns", `ConnectionClosed { code: Normal, description: "" }`},
		{"fails", `ConnectionClosed { code: Error, description: "" }`},
		{"closes", `ConnectionClosed { code: Normal, description: "done" }`},
		{"closes with a code", `ConnectionClosed { code: Library(4001), description: "bye" }`},
		{"closes without a code", `ConnectionClosed { code: Away, description: "Away" }`},
	} {
		t.Run(row.how, func(t *testing.T) {
			p.tell(t, command{"do": "receive", "how": row.how})
			p.want(t, "message", "hello")
			p.want(t, "end", row.error)
			p.want(t, "done", "")
			soon(t, returned)
		})
	}
	t.Run("shuts down", func(t *testing.T) {
		p.tell(t, command{"do": "receive", "how": "waits"})
		p.want(t, "message", "hello")
		assert.NoError(t, m.hub.Shutdown(within(t)))
		p.want(t, "end", `ConnectionClosed { code: Restart, description: "server shutting down" }`)
		p.want(t, "done", "")
		assert.ErrorIs(t, soon(t, returned), context.Canceled)
	})
}

// A client of Dioxus leaves a server in Go.
func TestClient_leaves(t *testing.T) {
	m, base := listen(t)
	returned := serve(m, endEndpoint(), func(ctx context.Context, _ how, c *textConn) error {
		if err := c.Send(ctx, "hello"); err != nil {
			return err
		}
		_, err := c.Recv(ctx)
		return err
	})
	p := startClient(t, base)
	t.Run("dropped", func(t *testing.T) {
		p.tell(t, command{"do": "leave"})
		p.want(t, "message", "hello")
		p.want(t, "done", "")
		assert.ErrorIs(t, soon(t, returned), tandem.ErrLost, "it says nothing, so this is no normal end")
	})
	t.Run("closed", func(t *testing.T) {
		p.tell(t, command{"do": "leave", "order": "close 1000 done"})
		p.want(t, "message", "hello")
		p.want(t, "frame", `Close { code: Normal, reason: "done" }`)
		p.want(t, "end", `ConnectionClosed { code: Normal, description: "Connection closed normally" }`)
		p.want(t, "done", "")
		assert.ErrorIs(t, soon(t, returned), io.EOF)
	})
	t.Run("closed with a code", func(t *testing.T) {
		p.tell(t, command{"do": "leave", "order": "close 4001 bye"})
		p.want(t, "message", "hello")
		p.want(t, "frame", `Close { code: Library(4001), reason: "bye" }`)
		p.want(t, "end", `ConnectionClosed { code: Normal, description: "Connection closed normally" }`)
		p.want(t, "done", "")
		closed := assert.ErrorAs[*tandem.CloseError](t, soon(t, returned))
		assert.Equal(t, closed.Code, 4001)
		assert.Equal(t, closed.Reason, "bye")
	})
	t.Run("killed", func(t *testing.T) {
		p.tell(t, command{"do": "receive", "how": "waits"})
		p.want(t, "message", "hello")
		p.kill(t)
		assert.ErrorIs(t, soon(t, returned), tandem.ErrLost)
	})
}

// What cannot be decoded leaves a connection of Dioxus open, and closes one of tandem with 1007.
func TestServer_decodes(t *testing.T) {
	p, base := startServer(t)
	ctx := within(t)
	c, err := numbersEndpoint().Dial(ctx, base, struct{}{}, nil)
	assert.NoError(t, err)
	for _, kind := range []tandem.FrameKind{tandem.FrameText, tandem.FrameBinary} {
		assert.NoError(t, c.Raw().Send(ctx, tandem.Frame{Kind: kind, Data: []byte(`"no number"`)}))
		p.want(t, "error", "Failed to deserialize message")
		assert.NoError(t, c.Raw().Send(ctx, tandem.Frame{Kind: kind, Data: []byte("1")}))
		n, err := c.Recv(ctx)
		assert.NoError(t, err)
		assert.Equal(t, n, 2)
	}
	assert.ErrorIs(t, c.Close(tandem.CodeNormal, ""), tandem.ErrLost)
	p.want(t, "end", `ConnectionClosed { code: Normal, description: "" }`)
}

func TestClient_decodes(t *testing.T) {
	m, base := listen(t)
	returned := serve(m, numbersEndpoint(), successors)
	p := startClient(t, base)
	p.tell(t, command{"do": "count", "numbers": 2, "nonsense": true})
	p.want(t, "message", "1")
	p.want(t, "message", "2")
	p.want(t, "error", `Some(ConnectionClosed { code: Invalid, description: "json: text where an integer belongs (offset 0)" })`)
	p.want(t, "done", "")
	assert.Equal(t, assert.ErrorAs[*tandem.DecodeError](t, soon(t, returned)).Codec, "json")
}

func TestClient_isSentNonsense(t *testing.T) {
	m, base := listen(t)
	serve(m, numbersEndpoint(), func(ctx context.Context, _ struct{}, c *tandem.Conn[int32, int32]) error {
		for range 2 {
			if _, err := c.Recv(ctx); err != nil {
				return err
			}
			if err := c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameText, Data: []byte(`"no number"`)}); err != nil {
				return err
			}
		}
		return nil
	})
	p := startClient(t, base)
	p.tell(t, command{"do": "count", "numbers": 2})
	for range 2 {
		p.want(t, "error", "Deserialization(Failed to deserialize message)")
	}
	p.want(t, "done", "")
}

// The quotes of a text in JSON.
const quotes = 2

// Messages as long as tandem's limits, and as the frames of Dioxus can be.
func TestServer_large(t *testing.T) {
	_, base := startServer(t)
	const (
		down, up = 1<<20 - quotes, 64<<10 - quotes
		frame    = 16 << 20 // the longest that tungstenite takes
	)
	wide := tandem.Limits{MaxClientMessage: frame + 1, MaxServerMessage: 2 * frame}
	for _, row := range []struct {
		name   string
		limits tandem.Limits
		lengths
	}{
		{"the limits of tandem", tandem.Limits{}, lengths{down, up}},
		{"the limits of Dioxus", wide, lengths{frame + 1, frame - quotes}},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx := within(t)
			c, err := largeEndpoint(row.limits).Dial(ctx, base, row.lengths, nil)
			assert.NoError(t, err)
			msg, err := c.Recv(ctx)
			assert.NoError(t, err)
			assert.True(t, msg == strings.Repeat("x", row.Down), "what came")
			assert.NoError(t, c.Send(ctx, strings.Repeat("X", row.Up)))
			_, err = c.Recv(ctx)
			assert.ErrorIs(t, err, io.EOF)
			assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Reason, "as long as said")
		})
	}
	t.Run("over the limits of tandem", func(t *testing.T) {
		ctx := within(t)
		c, err := largeEndpoint(tandem.Limits{}).Dial(ctx, base, lengths{down + 1, up}, nil)
		assert.NoError(t, err)
		_, err = c.Recv(ctx)
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeTooBig)
		c, err = largeEndpoint(tandem.Limits{}).Dial(ctx, base, lengths{down, up}, nil)
		assert.NoError(t, err)
		assert.ErrorIs(t, c.Send(ctx, strings.Repeat("X", up+1)), tandem.ErrTooBig, "not sent at all")
		c.Close(tandem.CodeNormal, "")
	})
	t.Run("over the limits of Dioxus", func(t *testing.T) {
		ctx := within(t)
		c, err := largeEndpoint(wide).Dial(ctx, base, lengths{1, frame}, nil)
		assert.NoError(t, err)
		_, err = c.Recv(ctx)
		assert.NoError(t, err)
		c.Send(ctx, strings.Repeat("X", frame-1)) // may be too late to be told
		_, err = c.Recv(ctx)
		assert.ErrorIs(t, err, tandem.ErrLost, "it says nothing")
	})
}

func TestClient_large(t *testing.T) {
	for _, row := range []struct {
		name   string
		limits tandem.Limits
		lengths
		end string
	}{
		{"the limits of tandem", tandem.Limits{}, lengths{1<<20 - quotes, 64<<10 - quotes}, `Err(ConnectionClosed { code: Normal, description: "" })`},
		{"over the limits of tandem", tandem.Limits{}, lengths{1, 64<<10 - quotes + 1}, `Err(ConnectionClosed { code: Size, description: "message over 65536 bytes" })`},
		{"the limits of Dioxus", tandem.Limits{MaxClientMessage: 32 << 20, MaxServerMessage: 32 << 20}, lengths{16<<20 - quotes, 16<<20 + 1}, `Err(ConnectionClosed { code: Normal, description: "" })`},
	} {
		t.Run(row.name, func(t *testing.T) {
			m, base := listen(t)
			serve(m, largeEndpoint(row.limits), func(ctx context.Context, p lengths, c *textConn) error {
				if err := c.Send(ctx, strings.Repeat("x", p.Down)); err != nil {
					return err
				}
				msg, err := c.Recv(ctx)
				if err == nil && msg != strings.Repeat("X", p.Up) {
					err = fmt.Errorf("%d letters", len(msg))
				}
				return err
			})
			p := startClient(t, base)
			p.tell(t, command{"do": "large", "down": row.Down, "up": row.Up})
			p.want(t, "end", row.end)
			p.want(t, "done", "")
		})
	}
}

const many = 10_000

// exchange sends many numbers, while as many come.
func exchange(ctx context.Context, c *tandem.Conn[uint32, uint32]) error {
	sent := make(chan error, 1)
	go func() {
		for n := range uint32(many) {
			if err := c.Send(ctx, n); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for n := range uint32(many) {
		got, err := c.Recv(ctx)
		if err == nil && got != n {
			err = fmt.Errorf("%d, want %d", got, n)
		}
		if err != nil {
			return err // ctx ends with the handler or the test
		}
	}
	return <-sent
}

func TestServer_burst(t *testing.T) {
	p, base := startServer(t)
	ctx := within(t)
	c, err := burstEndpoint().Dial(ctx, base, count{many}, nil)
	assert.NoError(t, err)
	assert.NoError(t, exchange(ctx, c))
	_, err = c.Recv(ctx)
	assert.ErrorIs(t, err, io.EOF)
	p.want(t, "burst", "sent Ok(()), received Ok(())")
}

func TestClient_burst(t *testing.T) {
	m, base := listen(t)
	returned := serve(m, burstEndpoint(), func(ctx context.Context, p count, c *tandem.Conn[uint32, uint32]) error {
		if p.Count != many {
			return fmt.Errorf("count %d", p.Count)
		}
		return exchange(ctx, c)
	})
	p := startClient(t, base)
	p.tell(t, command{"do": "burst", "count": many})
	assert.NoError(t, soon(t, returned))
	p.want(t, "end", `Err(ConnectionClosed { code: Normal, description: "" })`)
	p.want(t, "done", "")
}
