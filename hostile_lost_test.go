package tandem_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// F16: a peer that is gone without a word is noticed: a ping after at most 25 s of silence, 10 s for its answer.
func TestHostile_F16_vanishedPeer(t *testing.T) {
	receives := func(ctx context.Context, c *bytesConn) error {
		_, err := c.Recv(ctx)
		return err
	}
	for _, row := range []struct {
		name    string
		handler func(context.Context, *bytesConn) error
		start   []rawFrame
	}{
		{"receives", receives, nil},
		{"never receives", untilDone, nil},
		{"receives, half a message is there", receives, []rawFrame{{op: opText, more: true}}},
		{"never receives, a ping is there", untilDone, []rawFrame{pingFrame("x")}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				causes := make(chan error, 1)
				handler, ended := handled(func(ctx context.Context, c *bytesConn) error {
					err := row.handler(ctx, c)
					<-ctx.Done()
					causes <- context.Cause(ctx)
					return err
				})
				s := inMemory(t, newBytes(tandem.Limits{MessageTimeout: time.Hour}), handler, nil)
				p := s.open(t)
				p.send(row.start...)
				began := time.Now()
				assert.ErrorIs(t, <-ended, tandem.ErrLost)
				took(t, began, 32*time.Second, 36*time.Second)
				assert.ErrorIs(t, <-causes, tandem.ErrLost)
				synctest.Wait()
				assert.Equal(t, s.hub.Len(), 0)
			})
		})
	}
}

// F16: who answers pings, or says anything at all, stays.
func TestHostile_F16_quietPeer(t *testing.T) {
	for name, answer := range map[string]rawFrame{"pong": {op: opPong}, "other pong": {op: opPong, payload: []byte("?")}, "ping": {op: opPing}, "message": textFrame("x")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler, _ := handled(drainBytes)
				s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
				p := s.open(t)
				for range 20 {
					f, err := p.receive()
					assert.NoError(t, err)
					if f.op == opPing {
						time.Sleep(9 * time.Second)
						p.send(answer)
					}
				}
				p.send(closeFrame(1000, ""))
			})
		})
	}
}

// F18: a handler that panics takes its own connection with it and no other.
func TestHostile_F18_panic(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), func(ctx context.Context, _ struct{}, c *bytesConn) error {
		for msg, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			switch string(msg) {
			case "error":
				panic(fmt.Errorf("secret"))
			case "assertion":
				_ = any(msg).(string)
			case "abort":
				panic(http.ErrAbortHandler)
			case "exit":
				runtime.Goexit()
			case "index":
				msg[cap(msg)+1] = 0
			case "fail":
				return fmt.Errorf("secret")
			}
			if err := c.Send(ctx, msg); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	other := s.open(t)
	for _, how := range []string{"error", "assertion", "abort", "exit", "index", "fail"} {
		p := s.open(t)
		p.send(textFrame("fine"), textFrame(how), textFrame("too late"))
		p.expect(opBinary, "fine")
		if reason := p.expectClose(1011); reason != "" {
			t.Errorf("%s: the peer was told %q", how, reason)
		}
		other.send(textFrame(how[:1]))
		other.expect(opBinary, how[:1])
	}
	other.hangUp()
	s.waitEmpty(t)
}

// F18: nor does a hook that panics before the upgrade.
func TestHostile_F18_panicInAuthorize(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, &tandem.ServeOptions{
		Hub: tandem.NewHub(&tandem.HubOptions{MaxConns: 1}),
		Authorize: func(r *http.Request) (context.Context, error) {
			if r.URL.Query().Has("panic") {
				panic("boom")
			}
			return nil, nil
		},
	})
	for range 3 {
		p := s.connect(t)
		p.write([]byte(upgradeRequest(s.path + "?panic")))
		p.expectEnd()
	}
	s.open(t).hangUp() // the place was given back
}
