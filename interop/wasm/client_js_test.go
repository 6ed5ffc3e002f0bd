package wasm_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall/js"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/wasm"
)

// base is the server's, "" in a page.
func base(t *testing.T) string {
	t.Helper()
	url, ok := os.LookupEnv(wasm.ServerVar)
	if !ok {
		assert.Missing(t, wasm.ServerVar+" is not set: these tests are run by TestNode and by TestWasm of interop/browser")
	}
	return url
}

func inBrowser() bool { return js.Global().Get("window").Truthy() }

var ids atomic.Int64

// newID gives an ID for what the server is to remember.
func newID() string { return strconv.FormatInt(ids.Add(1), 10) }

// limited bounds what would not come.
func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// short ends soon.
func short(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func dial[In, Out any](t *testing.T, e *tandem.Endpoint[wasm.Ask, In, Out], ask wasm.Ask, o *tandem.DialOptions) *tandem.Conn[Out, In] {
	t.Helper()
	c, err := e.Dial(limited(t), base(t), ask, o)
	assert.NoError(t, err)
	t.Cleanup(c.CloseNow)
	return c
}

func recv[Recv, Send any](t *testing.T, c *tandem.Conn[Recv, Send]) Recv {
	t.Helper()
	msg, err := c.Recv(limited(t))
	assert.NoError(t, err)
	return msg
}

// verdict is how the server has seen the end of a connection.
func verdict(t *testing.T, id string) wasm.Seen {
	t.Helper()
	return recv(t, dial(t, wasm.Verdict, wasm.Ask{ID: id}, nil))
}

func TestEcho(t *testing.T) {
	for _, e := range []*tandem.Endpoint[wasm.Ask, wasm.Note, wasm.Note]{wasm.EchoJSON, wasm.EchoCBOR, wasm.EchoMsgPack} {
		t.Run(e.Codec.Name(), func(t *testing.T) {
			c := dial(t, e, wasm.Ask{Reason: "ä&b=c d"}, nil)
			assert.Equal(t, c.Codec(), e.Codec)
			for _, note := range []wasm.Note{
				{N: 1, Text: "größe 🚲\x00", Data: []byte{0, 1, 255}},
				{Data: []byte{}},
				{N: -1 << 40, Text: strings.Repeat("ä", 10_000), Data: make([]byte, 20_000)},
			} {
				assert.NoError(t, c.Send(limited(t), note))
				assert.Equal(t, recv(t, c), note)
			}
			assert.NoError(t, c.Close(tandem.CodeNormal, ""))
			_, err := c.Recv(limited(t))
			assert.ErrorIs(t, err, tandem.ErrClosed)
		})
	}
}

func TestDialOptions_negotiation(t *testing.T) {
	c := dial(t, wasm.EchoCBOR, wasm.Ask{}, &tandem.DialOptions{Codec: json.Codec, Subprotocols: []string{"extra"}})
	assert.Equal(t, c.Subprotocol(), "json")
	assert.Equal(t, c.Codec().Name(), "json")
	assert.NoError(t, c.Send(limited(t), wasm.Note{N: 7}))
	assert.Equal(t, recv(t, c).N, 7)
	assert.Equal(t, dial(t, wasm.EchoCBOR, wasm.Ask{}, &tandem.DialOptions{Subprotocols: []string{"unknown", "extra"}}).Subprotocol(), "extra")
	assert.Equal(t, dial(t, wasm.EchoCBOR, wasm.Ask{}, nil).Subprotocol(), "")
}

func TestConn_Raw(t *testing.T) {
	c := dial(t, wasm.Frames, wasm.Ask{}, nil)
	raw := c.Raw()
	for _, f := range []tandem.Frame{
		{Kind: tandem.FrameText, Data: []byte("größe")},
		{Kind: tandem.FrameBinary, Data: []byte{0, 255}},
		{Kind: tandem.FrameText, Data: []byte{}},
	} {
		assert.NoError(t, raw.Send(limited(t), f))
		got, err := raw.Recv(limited(t))
		assert.NoError(t, err)
		assert.Equal(t, got.Kind, f.Kind)
		assert.Equal(t, string(got.Data), string(f.Data))
	}
	assert.ErrorIs(t, raw.Send(limited(t), tandem.Frame{Kind: tandem.FramePing}), errors.ErrUnsupported)
	_, err := c.Ping(limited(t))
	assert.ErrorIs(t, err, errors.ErrUnsupported)

	closer := dial(t, wasm.Closes, wasm.Ask{Code: 4001, Reason: "bye"}, nil).Raw()
	f, err := closer.Recv(limited(t))
	assert.NoError(t, err)
	assert.Equal(t, f, tandem.Frame{Kind: tandem.FrameClose, Code: 4001, Data: []byte("bye")})
	_, err = closer.Recv(limited(t))
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, 4001)
}

// The peer's close comes behind what it has sent.
func TestConn_Recv_peerCloses(t *testing.T) {
	for _, code := range []tandem.Code{0, tandem.CodeGoingAway, tandem.CodePolicy, tandem.CodeInternal, tandem.CodeRestart, 3003, 4001, 4500} {
		t.Run(strconv.Itoa(int(code)), func(t *testing.T) {
			c := dial(t, wasm.Closes, wasm.Ask{N: 2, Code: int(code), Reason: "größe"}, nil)
			assert.Equal(t, recv(t, c).N, 1)
			assert.Equal(t, recv(t, c).N, 2)
			_, err := c.Recv(limited(t))
			ce := assert.ErrorAs[*tandem.CloseError](t, err)
			if code == 0 {
				assert.Equal(t, ce.Code, tandem.CodeNormal)
				assert.ErrorIs(t, err, io.EOF)
			} else {
				assert.Equal(t, ce.Code, code)
				assert.Equal(t, ce.Reason, "größe")
				assert.True(t, !errors.Is(err, io.EOF))
			}
			assert.NoError(t, c.Close(tandem.CodeNormal, ""), "it is closed")
			assert.ErrorAs[*tandem.CloseError](t, c.Send(limited(t), wasm.Note{}))
		})
	}
}

// The server sees the code that is meant, also where a browser may not send it.
func TestConn_Close_codes(t *testing.T) {
	for code, want := range map[tandem.Code]wasm.Seen{
		tandem.CodeNormal:    {Code: 1000, Reason: "why", Normal: true},
		tandem.CodeGoingAway: {Code: 1001, Reason: "why", Normal: true},
		tandem.CodeInvalid:   {Code: 1007, Reason: "why"},
		3000:                 {Code: 3000, Reason: "why"},
		4321:                 {Code: 4321, Reason: "why"},
	} {
		id := newID()
		c := dial(t, wasm.Listens, wasm.Ask{ID: id}, nil)
		assert.NoError(t, c.Close(code, "why"))
		assert.Equal(t, verdict(t, id), want)
	}
}

func TestConn_CloseNow(t *testing.T) {
	id := newID()
	c := dial(t, wasm.Listens, wasm.Ask{ID: id}, nil)
	assert.NoError(t, c.Send(limited(t), wasm.Note{}))
	c.CloseNow()
	_, err := c.Recv(limited(t))
	assert.ErrorIs(t, err, tandem.ErrClosed)
	assert.Equal(t, verdict(t, id), wasm.Seen{Code: 3008, Received: 1})
}

func TestConn_Recv_lost(t *testing.T) {
	c := dial(t, wasm.Closes, wasm.Ask{N: 1, Code: int(tandem.CodeAbnormal)}, nil)
	recv(t, c)
	assert.NoError(t, c.Send(limited(t), wasm.Note{}))
	_, err := c.Recv(limited(t))
	assert.ErrorIs(t, err, tandem.ErrLost)
	assert.True(t, !errors.Is(err, io.EOF))
	assert.ErrorIs(t, c.Send(limited(t), wasm.Note{}), tandem.ErrLost)
	assert.ErrorIs(t, c.Close(tandem.CodeNormal, ""), tandem.ErrLost)
}

// A page does not see a refusal, unless the server lets it in for that.
func TestDial_refused(t *testing.T) {
	c, err := wasm.Refuses.Dial(limited(t), base(t), wasm.Ask{}, nil)
	if !inBrowser() { // node sends no Origin, so the server takes it for no browser
		assert.ErrorIs(t, err, tandem.ErrLost)
		return
	}
	assert.NoError(t, err)
	_, err = c.Recv(limited(t))
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, 4403)
}

func TestDial_nobodyThere(t *testing.T) {
	_, err := wasm.EchoJSON.Dial(limited(t), "http://127.0.0.1:1", wasm.Ask{}, nil)
	assert.ErrorIs(t, err, tandem.ErrLost)
	_, err = wasm.EchoJSON.Dial(limited(t), base(t)+"/nowhere", wasm.Ask{}, nil)
	assert.ErrorIs(t, err, tandem.ErrLost)
	_, err = wasm.EchoJSON.Dial(limited(t), "ftp://127.0.0.1", wasm.Ask{}, nil)
	assert.True(t, err != nil && !errors.Is(err, tandem.ErrLost), "not an address: %v", err)
	if !inBrowser() {
		_, err = wasm.EchoJSON.Dial(limited(t), "", wasm.Ask{}, nil)
		assert.True(t, err != nil && !errors.Is(err, tandem.ErrLost), "there is no page: %v", err)
	}
}

func TestDial_cancelled(t *testing.T) {
	_, err := wasm.Hangs.Dial(short(t), base(t), wasm.Ask{}, nil)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = wasm.Hangs.Dial(limited(t), base(t), wasm.Ask{}, &tandem.DialOptions{Timeout: 20 * time.Millisecond})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// What a browser would leave out is refused.
func TestDial_unsendable(t *testing.T) {
	dial := func(p wasm.OddParams, o *tandem.DialOptions) error {
		c, err := wasm.Odd.Dial(limited(t), base(t), p, o)
		if err == nil {
			c.CloseNow()
		}
		return err
	}
	token := "x"
	assert.Equal(t, assert.ErrorAs[*tandem.ParamError](t, dial(wasm.OddParams{Token: &token}, nil)).Name, "X-Token")
	assert.Equal(t, assert.ErrorAs[*tandem.ParamError](t, dial(wasm.OddParams{Cookie: "x"}, nil)).Name, "sid")
	assert.ErrorIs(t, dial(wasm.OddParams{}, nil), tandem.ErrLost, "the server wants the cookie, which is not there")
	for _, o := range []tandem.DialOptions{
		{Header: map[string][]string{"X-Token": {"x"}}},
		{Transport: struct{ tandem.Transport }{}},
	} {
		err := dial(wasm.OddParams{}, &o)
		assert.True(t, err != nil && !errors.Is(err, tandem.ErrLost), "it was not tried: %v", err)
	}
}

func TestConn_Recv_cancelled(t *testing.T) {
	c := dial(t, wasm.EchoJSON, wasm.Ask{}, nil)
	for i := range 10 {
		_, err := c.Recv(short(t))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.NoError(t, c.Send(limited(t), wasm.Note{N: i}))
		assert.Equal(t, recv(t, c).N, i)
	}
}

func TestConn_Recv_concurrent(t *testing.T) {
	c := dial(t, wasm.EchoJSON, wasm.Ask{}, nil)
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := c.Recv(limited(t))
			errs <- err
		}()
	}
	assert.ErrorIs(t, <-errs, tandem.ErrConcurrentRecv)
	assert.NoError(t, c.Send(limited(t), wasm.Note{}))
	assert.NoError(t, <-errs)
}

// A server that takes nothing makes Send wait; what it has accepted arrives, and what was cancelled does not.
func TestConn_Send_backPressure(t *testing.T) {
	id := newID()
	c := dial(t, wasm.Listens, wasm.Ask{ID: id, N: 1}, nil)
	note := wasm.Note{Data: make([]byte, 60<<10)}
	accepted := 0
	for ; ; accepted++ {
		assert.True(t, accepted < 4096, "Send never waits")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := c.Send(ctx, note)
		cancel()
		if err != nil {
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			break
		}
	}
	sent, err := c.SendVolatile(note)
	assert.NoError(t, err)
	assert.True(t, !sent, "there is no room")

	dial(t, wasm.Release, wasm.Ask{ID: id}, nil)
	assert.NoError(t, c.Send(limited(t), note), "there is room now")
	assert.NoError(t, c.Close(tandem.CodeNormal, ""))
	assert.Equal(t, verdict(t, id), wasm.Seen{Code: 1000, Normal: true, Received: accepted + 1})
	t.Logf("%d messages of 60 KiB were on their way", accepted)
}

func TestConn_tooBig(t *testing.T) {
	c := dial(t, wasm.Narrow, wasm.Ask{Size: 50}, nil)
	recv(t, c)
	recv(t, c)
	err := c.Send(limited(t), wasm.Note{Data: make([]byte, 100)})
	assert.ErrorIs(t, err, tandem.ErrTooBig)
	assert.NoError(t, c.Send(limited(t), wasm.Note{N: 1}), "no harm was done")
	assert.Equal(t, recv(t, c).N, 1)

	c = dial(t, wasm.Narrow, wasm.Ask{Size: 100}, nil)
	recv(t, c)
	_, err = c.Recv(limited(t))
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, err).Code, tandem.CodeTooBig)
}

// A message that cannot be decoded closes with 1007 here too.
func TestConn_Recv_undecodable(t *testing.T) {
	c := dial(t, wasm.Frames, wasm.Ask{}, nil)
	assert.NoError(t, c.Raw().Send(limited(t), tandem.Frame{Kind: tandem.FrameText, Data: []byte("{")}))
	_, err := c.Recv(limited(t))
	assert.ErrorAs[*tandem.DecodeError](t, err)
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, c.Err()).Code, tandem.CodeInvalid)
}
