package tandemtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newLine() *tandem.Endpoint[struct{}, string, string] {
	return &tandem.Endpoint[struct{}, string, string]{Path: "/line", Codec: json.Codec}
}

func repeat(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Send(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

func TestConnect_inABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := tandemtest.Connect(t, newLine(), repeat, struct{}{}, nil)
		time.Sleep(24 * time.Hour) // pings go to and fro all the time
		assert.NoError(t, c.Send(t.Context(), "hi"))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "hi")
	})
}

func TestConnect_outsideABubble(t *testing.T) {
	c := tandemtest.Connect(t, newLine(), repeat, struct{}{}, nil)
	assert.NoError(t, c.Send(t.Context(), "hi"))
	msg, err := c.Recv(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, msg, "hi")
}

func TestConnect_endsTheHandlerWithTheTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		tb := newExampleTB()
		tandemtest.Connect(tb, newLine(), func(ctx context.Context, _ struct{}, _ *tandem.Conn[string, string]) error {
			<-ctx.Done()
			close(ended)
			return nil
		}, struct{}{}, nil)
		tb.end()
		<-ended
	})
}

func TestConnect_failsTheTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tb := newExampleTB()
		defer tb.end()
		defer func() {
			v := recover()
			text, _ := v.(string)
			assert.True(t, strings.Contains(text, "connection refused"), v)
		}()
		proxy := fault.New(nil)
		defer proxy.Close()
		proxy.Down()
		tandemtest.Connect(tb, newLine(), repeat, struct{}{}, &tandemtest.Options{Fault: proxy})
	})
}

func TestOptions_Fault_isInTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		proxy := fault.New(nil)
		defer proxy.Close()
		c := tandemtest.Connect(t, newLine(), repeat, struct{}{}, &tandemtest.Options{Fault: proxy})
		proxy.On(fault.Both).Delay(time.Second, 0)
		began := time.Now()
		assert.NoError(t, c.Send(t.Context(), "hi"))
		_, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, time.Since(began), 2*time.Second)
		proxy.Kill()
		_, err = c.Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrLost)
	})
}

// taken is how many bytes a server can send to a client that reads nothing.
func taken(t *testing.T, o *tandemtest.Options) (n int) {
	t.Helper()
	done := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		conn.SetWriteDeadline(time.Now().Add(time.Second))
		n, _ = conn.Write(make([]byte, 1<<20))
	})
	s := tandemtest.NewServer(t, h, o)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tandemtest.URL, nil)
	assert.NoError(t, err)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "x")
	resp, err := s.HTTPClient().Do(req)
	assert.NoError(t, err)
	<-done
	resp.Body.Close()
	return n
}

func TestOptions_Buffer(t *testing.T) {
	for buffer, want := range map[int]int{0: 64 << 10, 1000: 1000} {
		synctest.Test(t, func(t *testing.T) {
			n := taken(t, &tandemtest.Options{Buffer: buffer})
			assert.True(t, n >= want-200 && n <= want+4<<10+200, n) // net/http reads ahead 4 KiB, with the answer in it
		})
	}
}

func TestOptions_Hub_isShutDownWithTheTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, tb := tandem.NewHub(nil), newExampleTB()
		mux := http.NewServeMux()
		mux.Handle(newLine().Handler(repeat, &tandem.ServeOptions{Hub: hub}))
		s := tandemtest.NewServer(tb, mux, &tandemtest.Options{Hub: hub})
		c, err := newLine().Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{Transport: s.Transport()})
		assert.NoError(t, err)
		ends := make(chan error, 1)
		go func() {
			_, err := c.Recv(t.Context())
			ends <- err
		}()
		tb.end()
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, <-ends).Code, tandem.CodeRestart)
	})
}

// The hub given to Connect is the one that knows the connection.
func TestOptions_Hub_ofConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		tandemtest.Connect(t, newLine(), repeat, struct{}{}, &tandemtest.Options{Hub: hub})
		synctest.Wait()
		assert.Equal(t, hub.Len(), 1)
	})
}

func TestNewServer_withoutAHubDropsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tb := newExampleTB()
		mux := http.NewServeMux()
		mux.Handle(newLine().Handler(repeat, nil))
		s := tandemtest.NewServer(tb, mux, nil)
		c, err := newLine().Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{Transport: s.Transport()})
		assert.NoError(t, err)
		defer c.Close(tandem.CodeNormal, "")
		tb.end()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Recv(ctx)
		assert.ErrorIs(t, err, tandem.ErrLost)
	})
}

func TestNewServer_anyHandlerAndManyClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		mux := http.NewServeMux()
		mux.Handle(newLine().Handler(repeat, &tandem.ServeOptions{Hub: hub}))
		mux.HandleFunc("/plain", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "plain") })
		s := tandemtest.NewServer(t, mux, &tandemtest.Options{Hub: hub})
		for range 20 {
			c, err := newLine().Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{Transport: s.Transport()})
			assert.NoError(t, err)
			defer c.Close(tandem.CodeNormal, "")
		}
		synctest.Wait()
		assert.Equal(t, hub.Len(), 20)
		resp, err := s.HTTPClient().Get(tandemtest.URL + "/plain")
		assert.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		assert.NoError(t, errors.Join(err, resp.Body.Close()))
		assert.Equal(t, string(body), "plain")
	})
}

func TestOptions_Serve_Dial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := tandemtest.Connect(t, newLine(), repeat, struct{}{}, &tandemtest.Options{
			Serve: &tandem.ServeOptions{Subprotocols: []string{"one", "two"}},
			Dial:  &tandem.DialOptions{Subprotocols: []string{"two"}},
		})
		assert.Equal(t, c.Subprotocol(), "two")
	})
}
