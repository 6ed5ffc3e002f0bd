package tandem_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// A1: the secret of a session is good for its owner alone, and no more when its successor was used. Who guesses, or shows
// an old or a stolen one, gets a session of his own, and the real one is not touched.
func TestHostile_A1_stolenSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, &tandem.ServeOptions{Principal: func(ctx context.Context) string {
			return tandem.Request(ctx).Header.Get("X-User")
		}})
		first := w.greet(`{"v":1}`, "X-User: alice")
		first.ack(0)
		synctest.Wait()
		first.Close()
		p := w.greet(first.again(1, 0), "X-User: alice")
		assert.True(t, p.welcome.Resumed)
		assert.True(t, p.welcome.Key != first.welcome.Key, "the secret has not been replaced")
		p.ack(0)
		synctest.Wait()
		denied := func(hello, user string) {
			t.Helper()
			x := w.greet(hello, "X-User: "+user)
			assert.True(t, !x.welcome.Resumed && x.welcome.SID != p.welcome.SID, "somebody else has the session")
			assert.Equal(t, x.welcome.Why, "denied")
			assert.Equal(t, x.welcome.RX, 0, "how far it is, is the owner's to know")
			x.hangUp()
		}
		denied(first.again(2, 0), "alice") // an old one
		denied(p.again(1, 0), "mallory")   // a stolen one
		for i := range 500 {               // guesses
			guess := *p
			guess.welcome.Key = fmt.Sprintf("%032d", i)
			denied(guess.again(1, 0), "alice")
		}
		p.msg(1, "still here")
		assert.Equal(t, p.next(), `[0,1,"STILL HERE"]`)
	})
}

// A2: of many sockets that show one secret at once, one has the session in the end, and all others are told that it has
// been taken over.
func TestHostile_A2_race(t *testing.T) {
	const racers = 25 // 30 a minute are let in
	synctest.Test(t, func(t *testing.T) {
		w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), echo, nil)
		p := w.greet(`{"v":1}`)
		p.ack(0)
		synctest.Wait()
		p.Close()
		var mu sync.Mutex
		ends := map[string]int{}
		race := func(hello string) string {
			conn, err := w.lis.Dial(t.Context())
			if err != nil {
				return err.Error()
			}
			defer conn.Close()
			r := rawPeerOn(conn)
			request := upgradeRequest("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
			if _, err := r.Write([]byte(request)); err != nil {
				return err.Error()
			}
			resp, err := http.ReadResponse(r.r, nil)
			if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
				return fmt.Sprint(resp, err)
			}
			if _, err := r.Write(r.bytes(textFrame("[7,0," + hello + "]"))); err != nil {
				return err.Error()
			}
			f, err := r.skipPings()
			switch {
			case err != nil:
				return err.Error()
			case strings.Contains(string(f.payload), `"why":"denied"`):
				return "denied"
			case !strings.Contains(string(f.payload), `"resumed":true`):
				return string(f.payload)
			}
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second)) // a welcome must be answered within 10 s
			if f, err = r.skipPings(); err != nil {
				return "has it"
			}
			return fmt.Sprintf("closed with %d", int(f.payload[0])<<8|int(f.payload[1]))
		}
		var all sync.WaitGroup
		for i := range racers {
			all.Go(func() {
				how := race(p.again(i+1, 0))
				mu.Lock()
				defer mu.Unlock()
				ends[how]++
			})
		}
		all.Wait()
		assert.Equal(t, ends["has it"], 1, ends)
		assert.Equal(t, ends["has it"]+ends["denied"]+ends["closed with 4900"], racers, ends)
	})
}
