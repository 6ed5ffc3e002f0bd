package tandem_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

const staleHello = `{"v":1,"schema":"` + otherSchema + `"}`

// In a session hello names the schema, or the request does; with either the session ends with 4906.
func TestStale_session(t *testing.T) {
	own := schemaOf(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}))
	for _, row := range []struct {
		name, query, hello string
		code               int
	}{
		{"none", "", `{"v":1}`, 1007},
		{"the same", "?tandem.schema=" + own, `{"v":1,"schema":"` + own + `"}`, 1007},
		{"in hello", "", staleHello, 4906},
		{"in the request", "?tandem.schema=" + otherSchema, `{"v":1}`, 4906},
		{"in both", "?tandem.schema=" + otherSchema, staleHello, 4906},
	} {
		t.Run(row.name+", undecodable", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ends := make(chan error, 1)
				w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), tellEnd(ends), nil)
				p := w.greetAt("/text"+row.query, row.hello)
				p.ack(0)
				p.send(textFrame("[0,1,5]"))
				p.expectEndOfSession(row.code)
				assert.ErrorAs[*tandem.DecodeError](t, <-ends)
			})
		})
		t.Run(row.name+", the client closes", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ends := make(chan error, 1)
				w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), tellEnd(ends), nil)
				p := w.greetAt("/text"+row.query, row.hello)
				p.ack(0)
				p.send(closeFrame(4957, "json: unknown tag"))
				want := row.code
				if want == 1007 {
					want = 4957
				}
				assert.Equal(t, p.expectCloseFrame(want), "json: unknown tag")
				p.halfClose()
				p.expectEnd()
				assertClosed(t, <-ends, tandem.CodeInvalid, "json: unknown tag")
				synctest.Wait()
				assert.Equal(t, w.hub.Len(), 0, "the session is over")
			})
		})
	}
}

// greetAt is greet at another address.
func (w *world) greetAt(path, hello string) *sessionPeer {
	w.t.Helper()
	p := &sessionPeer{rawPeer: w.raw().upgrade(path, "Sec-WebSocket-Protocol: tandem.v1.json")}
	p.send(textFrame("[7,0," + hello + "]"))
	p.readWelcome()
	return p
}

// A page that was loaded again may not take up the session of the one before it, if messages mean something else to it.
func TestSession_resumedWithAnotherSchema(t *testing.T) {
	for schema, why := range map[string]string{`"schema":"` + otherSchema + `"`: "", `"schema":"b"`: "schema", `"rx":0`: ""} {
		synctest.Test(t, func(t *testing.T) {
			ends := make(chan error, 2)
			w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), tellEnd(ends), nil)
			p := w.greet(staleHello)
			p.ack(0)
			again := strings.Replace(p.again(1, 0), `"rx":0`, schema, 1)
			next := w.greet(again)
			assert.Equal(t, next.welcome.Resumed, why == "", again)
			assert.Equal(t, next.welcome.Why, why, again)
			if why != "" {
				gap := assert.ErrorAs[*tandem.Gap[string]](t, <-ends)
				assert.Equal(t, gap.Reason, why)
			}
			next.hangUp()
		})
	}
}

// RefuseStale applies before welcome, and before anybody is asked about a credential. The session that hello asks for is
// not touched.
func TestServeOptions_RefuseStale_session(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, &tandem.ServeOptions{
			RefuseStale: true,
			AuthorizeInBand: func(context.Context, string) (context.Context, error) {
				t.Error("asked about a client that is refused anyway")
				return nil, nil
			},
		})
		own := w.greet(fmt.Sprintf(`{"v":1,"schema":%q}`, schemaOf(t, e)))
		own.ack(0)
		for _, hello := range []string{
			`{"v":1,"auth":"x","schema":"` + otherSchema + `"}`,
			strings.Replace(own.again(1, 0), `"rx":0`, `"schema":"`+otherSchema+`"`, 1),
		} {
			p := w.raw().upgrade("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
			p.send(textFrame("[7,0," + hello + "]"))
			assert.Equal(t, p.expectClose(4906), staleReason)
		}
		own.msg(1, "still here")
		assert.Equal(t, own.next(), `[0,1,"STILL HERE"]`)
		own.hangUp()

		resp := w.raw().request(upgradeRequest("/text?tandem.schema="+otherSchema, "Sec-WebSocket-Protocol: tandem.v1.json"))
		assert.Equal(t, resp.StatusCode, http.StatusPreconditionFailed)
		p := w.raw().upgrade("/text?tandem.schema="+otherSchema, "Sec-WebSocket-Protocol: tandem.v1.json", "Origin: http://tandem.test")
		assert.Equal(t, p.expectClose(4906), staleReason)
	})
}
