package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/tandemtest"
)

// An option that does nothing is worse than a missing one: each field names the test that fails when it is ignored.
var optionTests = map[reflect.Type]map[string]string{
	reflect.TypeFor[tandem.ServeOptions](): {
		"Hub":          "TestServeOptions_Hub_ownsTheConnections",
		"Codecs":       "TestServeOptions_Codecs_areAcceptedWhenOffered",
		"Subprotocols": "TestServeOptions_Subprotocols_clientsOrderDecides",
		"Use":          "TestServeOptions_Use_firstIsOutermost",
		"Authorize":    "TestServeOptions_Authorize_refusalReachesTheClient",
		"Origins":      "TestServeOptions_Origins_letInThoseListed",
		"Principal":    "TestServeOptions_Principal_resumesItsOwnSessions",
		"RefuseInBand": "TestServeOptions_RefuseInBand_codes",
		"Logger":       "TestServeOptions_Logger_getsWhatTheClientIsNotTold",
		"Schemas":      "TestServeOptions_Schemas",
		"RefuseStale":  "TestServeOptions_RefuseStale",

		"AuthorizeInBand": "TestServeOptions_AuthorizeInBand",
		"Store":           "TestServeOptions_Store_restart",
		"OnExpired":       "TestServeOptions_OnExpired",
	},
	reflect.TypeFor[tandem.DialOptions](): {
		"Transport":    "TestHTTPClient_errorsOfTheTransportComeThrough",
		"Header":       "TestDialOptions_Header_isSent",
		"Codec":        "TestDialOptions_Codec_isOfferedBeforeSubprotocols",
		"Subprotocols": "TestDialOptions_Codec_isOfferedBeforeSubprotocols",
		"Timeout":      "TestDialOptions_Timeout",
		"Plain":        "TestDialOptions_Plain_isOneSocket",
		"Reconnect":    "TestServeOptions_Principal_resumesItsOwnSessions",
		"Credential":   "TestServeOptions_AuthorizeInBand",
	},
	reflect.TypeFor[tandem.SessionPolicy](): {
		"Messages":  "TestSessionPolicy_Messages_Bytes",
		"Bytes":     "TestSessionPolicy_Messages_Bytes",
		"Keep":      "TestSessionPolicy_Keep",
		"Heartbeat": "TestSessionPolicy_Heartbeat_findsHalfOpenSockets",

		"ServerCommits": "TestSessionPolicy_ServerCommits",
		"ClientCommits": "TestSessionPolicy_ClientCommits",
		"Durable":       "TestSessionPolicy_Durable_crash",
	},
	reflect.TypeFor[tandem.Reconnect](): {
		"Min":     "TestReconnect_Min_Max",
		"Max":     "TestReconnect_Min_Max",
		"Tries":   "TestReconnect_Tries",
		"Stable":  "TestReconnect_Stable",
		"Prepare": "TestReconnect_Prepare_hasItsOwnHeader",
	},
	reflect.TypeFor[tandem.HubOptions](): {
		"MaxConns":   "TestHubOptions_MaxConns",
		"MaxPerKey":  "TestHubOptions_Key",
		"Key":        "TestHubOptions_Key",
		"RetryAfter": "TestHubOptions_RetryAfter_inWholeSeconds",
		"Spread":     "TestHubOptions_Spread",
	},
	reflect.TypeFor[tandem.UnionOptions](): {
		"Adjacent": "TestUnionOptions_Adjacent_TypeKey_DataKey",
		"TypeKey":  "TestUnionOptions_Adjacent_TypeKey_DataKey",
		"DataKey":  "TestUnionOptions_Adjacent_TypeKey_DataKey",
		"Unknown":  "TestUnionOptions_Unknown_isTheSameVariantAgain",
	},
	reflect.TypeFor[tandem.Limits](): {
		"MaxClientMessage":    "TestLimits_ClientMessage",
		"MaxServerMessage":    "TestLimits_ServerMessage",
		"MaxFragments":        "TestLimits_fragments",
		"MessageTimeout":      "TestLimits_messageTime",
		"FirstMessageTimeout": "TestLimits_firstMessage",
		"MessageRate":         "TestLimits_messageRate",
		"ByteRate":            "TestLimits_byteRate",
		"PingInterval":        "TestLimits_PingInterval_PongTimeout",
		"PongTimeout":         "TestLimits_PingInterval_PongTimeout",
		"QueueMessages":       "TestLimits_QueueMessages_QueueBytes",
		"QueueBytes":          "TestLimits_QueueMessages_QueueBytes",
		"Overflow":            "TestLimits_Overflow_dropOldest",
		"WriteTimeout":        "TestLimits_writeTime",
		"CloseTimeout":        "TestLimits_CloseTime",
	},
	reflect.TypeFor[tandemtest.Options](): {
		"Fault":  "TestOptions_Fault_isInTheWay",
		"Buffer": "TestOptions_Buffer",
		"Hub":    "TestOptions_Hub_isShutDownWithTheTest",
		"Serve":  "TestOptions_Serve_Dial",
		"Dial":   "TestOptions_Serve_Dial",
	},
}

func TestOptions_eachFieldHasATest(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"*_test.go", "tandemtest/*_test.go"} {
		files, err := filepath.Glob(pattern)
		assert.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			assert.NoError(t, err)
			source.Write(text)
		}
	}
	for options, tests := range optionTests {
		for f := range options.Fields() {
			field := f.Name
			test, ok := tests[field]
			if !ok {
				t.Errorf("%v.%s: no test is named here that fails when it is ignored", options, field)
				continue
			}
			if !strings.Contains(source.String(), "\nfunc "+test+"(") {
				t.Errorf("%v.%s: there is no %s", options, field, test)
			}
		}
		assert.Equal(t, len(tests), options.NumField(), "%v: fields that are no more", options)
	}
}

// countTo sends 1 to n, then waits for the client to end the conversation.
func countTo(n int) textHandler {
	return func(ctx context.Context, _ struct{}, c *textConn) error {
		for i := range n {
			if err := c.Send(ctx, fmt.Sprint(i+1)); err != nil {
				return err
			}
		}
		_, err := c.Recv(ctx)
		return err
	}
}

func TestConn_Messages_breakLeavesTheConnectionOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, countTo(4), nil)
		var got []string
		for range 2 {
			for msg, err := range c.Messages(t.Context()) {
				assert.NoError(t, err)
				if got = append(got, msg); len(got)%2 == 0 {
					break
				}
			}
		}
		assert.Equal(t, got, []string{"1", "2", "3", "4"})
		assert.NoError(t, c.Err())
	})
}

func TestConn_Messages_lastPairIsTheContextsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, countTo(1), nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var errs []error
		for _, err := range c.Messages(ctx) {
			errs = append(errs, err)
		}
		assert.Equal(t, errs, []error{nil, context.DeadlineExceeded})
		assert.NoError(t, c.Err(), "the connection lives on")
	})
}

func TestConn_Recv_cancelledLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := func(ctx context.Context, _ struct{}, c *textConn) error {
			time.Sleep(time.Minute)
			return countTo(3)(ctx, struct{}{}, c)
		}
		c := talk(t, h, nil)
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := c.Recv(ctx)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			cancel()
		}
		for i := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			msg, err := c.Recv(ctx)
			assert.NoError(t, err)
			assert.Equal(t, msg, fmt.Sprint(i+1))
			cancel()
		}
	})
}

func TestConn_Recv_fromTwoGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		first := make(chan error, 1)
		go func() {
			_, err := c.Recv(t.Context())
			first <- err
		}()
		synctest.Wait()
		_, err := c.Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrConcurrentRecv)
		for _, err := range c.Messages(t.Context()) {
			assert.ErrorIs(t, err, tandem.ErrConcurrentRecv, "Messages")
		}
		assert.NoError(t, c.Send(t.Context(), "for the first"))
		assert.NoError(t, <-first)
	})
}

func TestConn_Close_endsAWaitingRecv(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		ends := make(chan error, 1)
		go func() {
			_, err := c.Recv(t.Context())
			ends <- err
		}()
		synctest.Wait()
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		err := <-ends
		assert.ErrorIs(t, err, tandem.ErrClosed)
		assert.True(t, !errors.Is(err, io.EOF), "our own Close is not the peer's end")
	})
}

func TestConn_afterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		_, recv := c.Recv(t.Context())
		_, ping := c.Ping(t.Context())
		for name, err := range map[string]error{"Send": c.Send(t.Context(), "late"), "Recv": recv, "Ping": ping, "Err": c.Err()} {
			assert.ErrorIs(t, err, tandem.ErrClosed, name)
		}
	})
}

func TestConn_Send_whatCannotBeEncodedHarmsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		err := c.Send(t.Context(), "\xff")
		assert.True(t, err != nil && strings.Contains(err.Error(), "encode string"), err)
		assert.NoError(t, c.Err())
		assert.NoError(t, c.Send(t.Context(), "fine"))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "FINE")
	})
}

func TestConn_Send_cancelledSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		assert.ErrorIs(t, c.Send(ctx, "never"), context.Canceled)
		assert.NoError(t, c.Send(t.Context(), "this one"))
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "THIS ONE")
	})
}

func TestConn_Send_keepsTheOrderOfEachGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &tandem.Endpoint[struct{}, [2]int, string]{Path: "/text", Codec: json.Codec}
		const senders, each = 8, 200
		got := make(chan [2]int, senders*each)
		c := connectTo(t, e, func(ctx context.Context, _ struct{}, c *tandem.Conn[[2]int, string]) error {
			defer close(got)
			for msg, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				got <- msg
			}
			return nil
		})
		var wg sync.WaitGroup
		for s := range senders {
			wg.Go(func() {
				for i := range each {
					if err := c.Send(t.Context(), [2]int{s, i}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		var next [senders]int
		for msg := range got {
			assert.Equal(t, msg[1], next[msg[0]], "sender %d", msg[0])
			next[msg[0]]++
		}
		assert.Equal(t, next, [senders]int(slices.Repeat([]int{each}, senders)), "all have arrived before Close returned")
	})
}

// In a handler whose context the hub's shutdown has cancelled, the answer to the last message still goes out.
func TestConn_Send_inAHandlerThatShutsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		h := func(ctx context.Context, _ struct{}, c *textConn) error {
			<-ctx.Done()
			return c.Send(ctx, "last words")
		}
		c := talk(t, h, &tandem.ServeOptions{Hub: hub})
		go hub.Shutdown(context.Background())
		msg, err := c.Recv(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, msg, "last words")
		_, err = c.Recv(t.Context())
		assertClosed(t, err, tandem.CodeRestart, "server shutting down")
	})
}
