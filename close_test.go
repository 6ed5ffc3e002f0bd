package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// assertClosed checks that err is the peer's Close frame with this code and reason, and that it counts as the normal
// end exactly for 1000 and 1005, which is what holds for a client.
func assertClosed(t testing.TB, err error, code tandem.Code, reason string) {
	t.Helper()
	ce := assert.ErrorAs[*tandem.CloseError](t, err)
	assert.Equal(t, ce.Code, code, "code of %v", err)
	assert.Equal(t, ce.Reason, reason, "reason of %v", err)
	assert.Equal(t, errors.Is(err, io.EOF), code == tandem.CodeNormal || code == tandem.CodeNoStatus, "io.EOF for %v", err)
}

func TestHandler_whatItReturnsIsWhatTheClientSees(t *testing.T) {
	long := strings.Repeat("é", 100)
	for _, row := range []struct {
		name   string
		end    func() error
		code   tandem.Code
		reason string
	}{
		{"nil", func() error { return nil }, 1000, ""},
		{"CloseError", func() error { return &tandem.CloseError{Code: 4001, Reason: "bye"} }, 4001, "bye"},
		{"normal CloseError", func() error { return &tandem.CloseError{Code: 1000, Reason: "done"} }, 1000, "done"},
		{"wrapped CloseError", func() error {
			return fmt.Errorf("vote: %w", errors.Join(errors.New("closed"), &tandem.CloseError{Code: 4501, Reason: "no"}))
		}, 4501, "no"},
		{"long reason", func() error { return &tandem.CloseError{Code: 4000, Reason: long} }, 4000, long[:122]},
		{"zero code", func() error { return &tandem.CloseError{Reason: "oops"} }, 1011, ""},
		{"code 1005", func() error { return &tandem.CloseError{Code: 1005, Reason: "oops"} }, 1011, ""},
		{"code 1006", func() error { return &tandem.CloseError{Code: 1006, Reason: "oops"} }, 1011, ""},
		{"code 999", func() error { return &tandem.CloseError{Code: 999, Reason: "oops"} }, 1011, ""},
		{"code 5000", func() error { return &tandem.CloseError{Code: 5000, Reason: "oops"} }, 1011, ""},
		{"other error", func() error { return errors.New("the database is on fire") }, 1011, ""},
		{"panic", func() error { panic("boom") }, 1011, ""},
		{"panic with an error", func() error { panic(&tandem.CloseError{Code: 4000}) }, 1011, ""},
		{"ErrAbortHandler", func() error { panic(http.ErrAbortHandler) }, 1011, ""},
		{"Goexit", func() error { runtime.Goexit(); return nil }, 1011, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := func(context.Context, struct{}, *textConn) error { return row.end() }
				c := talk(t, h, &tandem.ServeOptions{Logger: newLogBook().logger()})
				_, err := c.Recv(t.Context())
				assertClosed(t, err, row.code, row.reason)
			})
		})
	}
}

func TestHandler_whatItReturnsDuringShutdown(t *testing.T) {
	for _, row := range []struct {
		name   string
		end    func(context.Context) error
		code   tandem.Code
		reason string
	}{
		{"nil", func(context.Context) error { return nil }, 1012, "server shutting down"},
		{"context's error", func(ctx context.Context) error { return ctx.Err() }, 1012, "server shutting down"},
		{"ErrShutdown", context.Cause, 1012, "server shutting down"},
		{"other error", func(context.Context) error { return errors.New("interrupted") }, 1012, "server shutting down"},
		{"CloseError", func(context.Context) error { return &tandem.CloseError{Code: 4001, Reason: "moved"} }, 4001, "moved"},
		{"panic", func(context.Context) error { panic("boom") }, 1011, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := tandem.NewHub(nil)
				h := func(ctx context.Context, _ struct{}, _ *textConn) error {
					<-ctx.Done()
					return row.end(ctx)
				}
				c := talk(t, h, &tandem.ServeOptions{Hub: hub, Logger: newLogBook().logger()})
				down := make(chan error, 1)
				go func() { down <- hub.Shutdown(t.Context()) }()
				_, err := c.Recv(t.Context())
				assertClosed(t, err, row.code, row.reason)
				assert.NoError(t, <-down)
			})
		})
	}
}

// handlerEnd is what a handler has seen of the end of its connection.
type handlerEnd struct {
	recv, messages, cause error
	yielded               bool
}

// watchEnd is a handler that tells what Recv, Messages and the context's cause say at the end.
func watchEnd(ends chan<- handlerEnd) textHandler {
	return func(ctx context.Context, _ struct{}, c *textConn) error {
		var end handlerEnd
		_, end.recv = c.Recv(ctx)
		for _, err := range c.Messages(ctx) {
			end.messages, end.yielded = err, true
		}
		<-ctx.Done()
		end.cause = context.Cause(ctx)
		ends <- end
		return nil
	}
}

func TestConn_Close_whatTheHandlerSees(t *testing.T) {
	for _, row := range []struct {
		code   tandem.Code
		reason string
		quiet  bool
	}{
		{1000, "", true}, {1000, "thanks", true}, {1001, "", true}, {1005, "", true},
		{4001, "bye", false}, {1011, "", false}, {1012, "", false},
	} {
		t.Run(fmt.Sprint(row.code, row.reason), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ends := make(chan handlerEnd, 1)
				c := talk(t, watchEnd(ends), nil)
				f := tandem.Frame{Kind: tandem.FrameClose, Code: row.code, Data: []byte(row.reason)}
				assert.NoError(t, c.Raw().Send(t.Context(), f))
				assert.NoError(t, c.Close(1000, ""), "the handshake is completed")
				end := <-ends
				for _, err := range []error{end.recv, end.cause} {
					ce := assert.ErrorAs[*tandem.CloseError](t, err)
					assert.Equal(t, ce.Code, row.code)
					assert.Equal(t, ce.Reason, row.reason)
					assert.Equal(t, errors.Is(err, io.EOF), row.quiet, "io.EOF")
				}
				assert.Equal(t, end.yielded, !row.quiet, "Messages yields %v", end.messages)
			})
		})
	}
}

// A browser may not send most codes below 3000, and sends others for them.
func TestConn_Close_whatTheHandlerSeesOfABrowser(t *testing.T) {
	for sent, meant := range map[tandem.Code]tandem.Code{
		4951: 1001, 4957: 1007, 4964: 1014, 4950: 4950, 4955: 4955, 4956: 4956, 4965: 4965,
	} {
		t.Run(fmt.Sprint(sent), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ends := make(chan handlerEnd, 1)
				assert.NoError(t, talk(t, watchEnd(ends), nil).Close(sent, "why"))
				end := <-ends
				assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, end.recv).Code, meant)
				assert.Equal(t, errors.Is(end.recv, io.EOF), meant == tandem.CodeGoingAway, "io.EOF")
			})
		})
	}
}

func TestHandler_closesFirst_whatTheClientSees(t *testing.T) {
	for _, code := range []tandem.Code{1000, 1001, 1005, 1012, 4001} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := func(ctx context.Context, _ struct{}, c *textConn) error {
					return c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameClose, Code: code})
				}
				c := talk(t, h, nil)
				_, err := c.Recv(t.Context())
				assertClosed(t, err, code, "")
				_, again := c.Recv(t.Context())
				assertClosed(t, again, code, "")
				assertClosed(t, c.Err(), code, "")
				assertClosed(t, c.Send(t.Context(), "late"), code, "")
				yielded := false
				for range c.Messages(t.Context()) {
					yielded = true
				}
				assert.Equal(t, yielded, !errors.Is(err, io.EOF))
				assert.NoError(t, c.Close(1000, ""), "Close after the peer's")
			})
		})
	}
}

func TestConn_lost_isNeverANormalEnd(t *testing.T) {
	for _, row := range []struct {
		name string
		cut  func(*fault.Proxy)
	}{
		{"reset", func(p *fault.Proxy) { p.Kill() }},
		{"end of stream", func(p *fault.Proxy) { p.On(fault.Both).CutAfter(0) }},
		{"silence", func(p *fault.Proxy) { p.On(fault.Both).Hold() }},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				proxy := fault.New(nil)
				defer proxy.Close()
				ends := make(chan handlerEnd, 1)
				c := talkOver(t, newText(), watchEnd(ends), nil, nil, &tandemtest.Options{Fault: proxy})
				row.cut(proxy)
				_, err := c.Recv(t.Context())
				end := <-ends
				for who, err := range map[string]error{
					"client": err, "client's Err": c.Err(), "handler": end.recv, "handler's context": end.cause, "Messages": end.messages,
				} {
					assert.ErrorIs(t, err, tandem.ErrLost, who)
					assert.True(t, !errors.Is(err, io.EOF), "io.EOF at the ", who)
				}
				assert.ErrorIs(t, c.Close(1000, ""), tandem.ErrLost, "Close")
			})
		})
	}
}

func TestHandler_causeOfTheContextAfterItsReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		causes := make(chan error, 1)
		h := func(ctx context.Context, _ struct{}, _ *textConn) error {
			context.AfterFunc(ctx, func() { causes <- context.Cause(ctx) })
			return nil
		}
		talk(t, h, nil)
		assert.ErrorIs(t, <-causes, tandem.ErrClosed)
	})
}

func TestHandler_causeOfTheContextInShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		ends := make(chan error, 2)
		h := func(ctx context.Context, _ struct{}, c *textConn) error {
			_, err := c.Recv(ctx)
			ends <- err
			ends <- context.Cause(ctx)
			return nil
		}
		talk(t, h, &tandem.ServeOptions{Hub: hub})
		assert.NoError(t, hub.Shutdown(t.Context()))
		assert.ErrorIs(t, <-ends, context.Canceled)
		assert.ErrorIs(t, <-ends, tandem.ErrShutdown)
	})
}

func TestConn_Recv_undecodableMessageCloses1007(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ends := make(chan handlerEnd, 1)
		c := talk(t, watchEnd(ends), &tandem.ServeOptions{Logger: newLogBook().logger()})
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameText, Data: []byte(`"abc" 5`)}))
		_, err := c.Recv(t.Context())
		ce := assert.ErrorAs[*tandem.CloseError](t, err)
		assert.Equal(t, ce.Code, tandem.CodeInvalid)
		assert.True(t, strings.HasPrefix(ce.Reason, "json:"), "reason ", ce.Reason)

		end := <-ends
		de := assert.ErrorAs[*tandem.DecodeError](t, end.recv)
		assert.Equal(t, de.Codec, "json")
		assert.Equal(t, de.Type, "string")
		assert.Equal(t, de.Offset, 6)
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, end.cause).Code, tandem.CodeInvalid)
	})
}

// A codec may say io.EOF for a message that is cut short, as encoding/gob and encoding/xml do. It is no end.
func TestConn_Recv_codecSaysEOF(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &textEndpoint{Path: "/text", Codec: XML{}}
		ends := make(chan handlerEnd, 1)
		c := talkOver(t, e, watchEnd(ends), &tandem.ServeOptions{Logger: newLogBook().logger()}, nil, nil)
		assert.NoError(t, c.Raw().Send(t.Context(), tandem.Frame{Kind: tandem.FrameText}))
		end := <-ends
		assert.ErrorAs[*tandem.DecodeError](t, end.recv)
		assert.True(t, !errors.Is(end.recv, io.EOF), "an undecodable message matches io.EOF: ", end.recv)
	})
}

func TestConn_Close_bothSidesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := func(ctx context.Context, _ struct{}, c *textConn) error { return c.Send(ctx, "that is all") }
		c := talk(t, h, nil)
		_, err := c.Recv(t.Context())
		assert.NoError(t, err)
		began := time.Now()
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		assert.True(t, time.Since(began) < time.Second, "Close took ", time.Since(began))
	})
}

func TestConn_Close_twiceAndForgottenCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		for _, code := range []tandem.Code{0, 999, 1004, 1005, 1006, 1015, 2999, 5000} {
			assert.True(t, c.Close(code, "") != nil, "code ", code)
			assert.NoError(t, c.Err(), "a refused Close closes nothing")
		}
		assert.NoError(t, c.Close(4000, "first"))
		assert.NoError(t, c.Close(4500, "second"))
		assert.ErrorIs(t, c.Err(), tandem.ErrClosed)
	})
}
