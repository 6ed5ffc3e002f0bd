package tandem_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

// rawEcho sends every frame but pings, pongs and closes back as it came.
func rawEcho(ctx context.Context, _ struct{}, c *textConn) error {
	raw := c.Raw()
	for {
		f, err := raw.Recv(ctx)
		if err != nil {
			return err
		}
		if f.Kind == tandem.FrameText || f.Kind == tandem.FrameBinary {
			if err := raw.Send(ctx, f); err != nil {
				return err
			}
		}
	}
}

func TestRawConn_carriesFramesAsTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := talk(t, rawEcho, nil).Raw()
		for _, f := range []tandem.Frame{
			{Kind: tandem.FrameText, Data: []byte("no JSON at all")},
			{Kind: tandem.FrameBinary, Data: []byte{0xff, 0x00}},
			{Kind: tandem.FrameBinary, Data: []byte(strings.Repeat("x", 60000))},
		} {
			assert.NoError(t, raw.Send(t.Context(), f))
			got, err := raw.Recv(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, got, f)
		}
	})
}

func TestRawConn_Recv_showsControlFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames := make(chan tandem.Frame, 10)
		h := func(ctx context.Context, _ struct{}, c *textConn) error {
			for {
				f, err := c.Raw().Recv(ctx)
				if err != nil {
					return err
				}
				frames <- f
			}
		}
		raw := talk(t, h, nil).Raw()
		sent := []tandem.Frame{
			{Kind: tandem.FramePing, Data: []byte("p")},
			{Kind: tandem.FramePong, Data: []byte("unasked")},
			{Kind: tandem.FrameClose, Code: 4001, Data: []byte("bye")},
		}
		for _, f := range sent {
			assert.NoError(t, raw.Send(t.Context(), f))
			got := <-frames
			assert.Equal(t, got.Kind, f.Kind)
			assert.Equal(t, string(got.Data), string(f.Data))
			assert.Equal(t, got.Code, f.Code)
		}
	})
}

func TestRawConn_Recv_closeFrameThenTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := func(ctx context.Context, _ struct{}, c *textConn) error {
			return c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameClose, Code: tandem.CodeNoStatus})
		}
		raw := talk(t, h, nil).Raw()
		f, err := raw.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, f, tandem.Frame{Kind: tandem.FrameClose, Code: tandem.CodeNoStatus})
		for range 2 {
			_, err = raw.Recv(t.Context())
			assertClosed(t, err, tandem.CodeNoStatus, "")
		}
	})
}

func TestRawConn_Recv_dataBelongsToTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := talk(t, rawEcho, nil).Raw()
		first := tandem.Frame{Kind: tandem.FrameText, Data: []byte("first")}
		assert.NoError(t, raw.Send(t.Context(), first))
		got, err := raw.Recv(t.Context())
		assert.NoError(t, err)
		assert.NoError(t, raw.Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte("other")}))
		_, err = raw.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, string(got.Data), "first")
	})
}

func TestRawConn_RecvInto_usesTheCallersMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := talk(t, rawEcho, nil).Raw()
		buf := make([]byte, 2, 5)
		for _, sent := range []string{"12345", "1", "", "123456"} {
			assert.NoError(t, raw.Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte(sent)}))
			f, err := raw.RecvInto(t.Context(), buf)
			assert.NoError(t, err)
			assert.Equal(t, string(f.Data), sent)
			inPlace := cap(f.Data) > 0 && &f.Data[:1][0] == &buf[:1][0]
			assert.Equal(t, inPlace, len(sent) <= cap(buf), sent)
		}
	})
}

func TestRawConn_Send_refusesWhatTheProtocolForbids(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, rawEcho, nil)
		for name, f := range map[string]tandem.Frame{
			"text that is not UTF-8": {Kind: tandem.FrameText, Data: []byte{0xff}},
			"long ping":              {Kind: tandem.FramePing, Data: make([]byte, 126)},
			"long pong":              {Kind: tandem.FramePong, Data: make([]byte, 126)},
			"close with 1006":        {Kind: tandem.FrameClose, Code: tandem.CodeAbnormal},
			"no kind":                {Data: []byte("x")},
			"continuation":           {Kind: 0, Data: []byte("x")},
			"reserved kind":          {Kind: 3},
		} {
			assert.True(t, c.Raw().Send(t.Context(), f) != nil, name)
		}
		assert.NoError(t, c.Err(), "the connection is unharmed")
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FramePing, Data: make([]byte, 125)}))
	})
}

func TestRawConn_Send_tooBig(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newText()
		e.Limits.MaxClientMessage = 10
		c := talkOver(t, e, rawEcho, nil, nil, nil)
		err := c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameBinary, Data: make([]byte, 11)})
		assert.ErrorIs(t, err, tandem.ErrTooBig)
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameBinary, Data: make([]byte, 10)}))
	})
}

func TestRawConn_Send_closeBeginsTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ends := make(chan error, 1)
		c := talk(t, tellEnd(ends), nil)
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameClose, Code: 4000, Data: []byte("bye")}))
		assert.ErrorIs(t, c.Err(), tandem.ErrClosed, "at once")
		assert.ErrorIs(t, c.Send(t.Context(), "late"), tandem.ErrClosed)
		assert.ErrorIs(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameText}), tandem.ErrClosed)
		assertClosed(t, <-ends, 4000, "bye")
	})
}

func TestRawConn_sharesTheRightToReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, rawEcho, nil)
		go c.Recv(t.Context())
		synctest.Wait()
		_, err := c.Raw().Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrConcurrentRecv)
	})
}

func TestFrameKind_String(t *testing.T) {
	for kind, want := range map[tandem.FrameKind]string{
		tandem.FrameText: "text", tandem.FrameBinary: "binary", tandem.FrameClose: "close",
		tandem.FramePing: "ping", tandem.FramePong: "pong", 3: "unknown",
	} {
		assert.Equal(t, kind.String(), want)
	}
}

func TestConn_largeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newText()
		e.Limits.MaxClientMessage, e.Limits.MaxServerMessage = 8<<20, 8<<20
		c := talkOver(t, e, echo, nil, nil, nil)
		for _, n := range []int{125, 126, 127, 32 << 10, 1<<16 - 3, 1<<16 - 2, 1 << 16, 1 << 20, 5 << 20} {
			msg := strings.Repeat("x", n)
			assert.NoError(t, c.Send(t.Context(), msg), "%d bytes", n)
			got, err := c.Recv(t.Context())
			assert.NoError(t, err, "%d bytes", n)
			assert.True(t, got == strings.ToUpper(msg), n, " bytes came back changed")
		}
	})
}

func TestConn_Ping_tellsTheRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		go c.Recv(t.Context())
		synctest.Wait()
		took, err := c.Ping(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, took, 0, "in memory, where nothing takes time")
	})
}

func TestConn_Ping_needsNobodyToReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sleepy := func(ctx context.Context, _ struct{}, c *textConn) error {
			_, err := c.Ping(ctx)
			<-ctx.Done()
			return err
		}
		c := talk(t, sleepy, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Ping(ctx)
		assert.NoError(t, err)
	})
}

func TestConn_messageTypesOfTheCore(t *testing.T) {
	type nested struct {
		Name string
		List []float64
		Map  map[string]*bool
	}
	synctest.Test(t, func(t *testing.T) {
		bounce(t, "größe")
		bounce(t, []byte{0, 1, 255})
		bounce(t, math.MaxInt64)
		bounce(t, nested{Name: "n", List: []float64{1, 2.5}, Map: map[string]*bool{"a": new(true), "b": nil}})
		bounce(t, &nested{Name: "p", List: []float64{}, Map: map[string]*bool{}})
		bounce(t, []any{nil, true, "x", int64(1), 1.5})
	})
}

// bounce sends a message of type T and expects the same back.
func bounce[T any](t *testing.T, msg T) {
	t.Helper()
	e := &tandem.Endpoint[struct{}, T, T]{Path: "/bounce", Codec: json.Codec}
	c := connectTo(t, e, func(ctx context.Context, _ struct{}, c *tandem.Conn[T, T]) error {
		got, err := c.Recv(ctx)
		if err != nil {
			return err
		}
		return c.Send(ctx, got)
	})
	assert.NoError(t, c.Send(t.Context(), msg))
	got, err := c.Recv(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, got, msg)
}

func TestCode_tableOfTheProtocol(t *testing.T) {
	back := []tandem.Code{1001, 1006, 1011, 1012, 1013, 1014, 3008, 4000, 4399, 4408, 4425, 4429}
	for code := tandem.Code(900); code <= 5100; code++ {
		reconnect := slices.Contains(back, code) || code >= 4000 && code <= 4399
		assert.Equal(t, code.Reconnect(), reconnect, "Reconnect of %d", code)
		valid := code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006 || code >= 3000 && code <= 4999
		assert.Equal(t, code.Valid(), valid, "Valid of %d", code)
	}
}
