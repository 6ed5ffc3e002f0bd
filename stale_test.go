package tandem_test

import (
	"context"
	stdjson "encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/schema"
	"github.com/tandem-ws/tandem/internal/wire"
)

const (
	otherSchema = "00112233445566778899aabbccddeeff"
	staleReason = "client is stale: it was made with another schema"
)

// schemaOf is the hash of an endpoint.
func schemaOf[P, In, Out any](t testing.TB, e *tandem.Endpoint[P, In, Out]) string {
	t.Helper()
	hash, err := schema.Hash(schema.Declare(e.Path, reflect.TypeFor[P](), reflect.TypeFor[In](), reflect.TypeFor[Out](), e.Codec))
	assert.NoError(t, err)
	return hash
}

// newNumber declares an endpoint that clients send numbers to, and that answers with texts.
func newNumber() *tandem.Endpoint[struct{}, int, string] {
	return &tandem.Endpoint[struct{}, int, string]{Path: "/number", Codec: json.Codec}
}

type numberConn = tandem.Conn[int, string]

// count answers each number with ok, and tells how the connection ended.
func count(ends chan<- error) func(context.Context, struct{}, *numberConn) error {
	return func(ctx context.Context, _ struct{}, c *numberConn) error {
		for {
			if _, err := c.Recv(ctx); err != nil {
				ends <- err
				return err
			}
			if err := c.Send(ctx, "ok"); err != nil {
				return err
			}
		}
	}
}

// A stale client is served like any other, until a message cannot be decoded.
func TestStale_undecodable(t *testing.T) {
	own := schemaOf(t, newNumber())
	for _, row := range []struct {
		name, query string
		code        int
	}{
		{"no schema", "", 1007},
		{"no schema, something else", "?schema=x&tandem.schem=y&tandem.schema", 1007},
		{"empty", "?tandem.schema=", 1007},
		{"the same schema", "?tandem.schema=" + own, 1007},
		{"another", "?tandem.schema=" + otherSchema, 4906},
		{"another, behind a parameter", "?a=b&tandem.schema=" + otherSchema + "&c=d", 4906},
		{"malformed", "?tandem.schema=%F0%9F%A6%86", 4906},
		{"twice, the first counts", "?tandem.schema=" + own + "&tandem.schema=" + otherSchema, 1007},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ends := make(chan error, 1)
				s := inMemory(t, newNumber(), count(ends), nil)
				p := s.connect(t).upgrade(s.path + row.query)
				p.send(textFrame("1"))
				p.expect(opText, `"ok"`)
				p.send(textFrame(`"one"`))
				reason := p.expectClose(row.code)
				assert.True(t, strings.HasPrefix(reason, "json: "), reason)
				assert.ErrorAs[*tandem.DecodeError](t, <-ends)
			})
		})
	}
}

// A handler that closes with 1007 says the same to a stale client as one that does not decode.
func TestStale_handlerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := func(context.Context, struct{}, *numberConn) error {
			return &tandem.CloseError{Code: tandem.CodeInvalid, Reason: "not in this form"}
		}
		s := inMemory(t, newNumber(), h, nil)
		p := s.connect(t).upgrade(s.path + "?tandem.schema=" + otherSchema)
		assert.Equal(t, p.expectClose(4906), "not in this form")
	})
}

// A stale client that could not decode is told why by the answer to its Close frame. Other codes come back as they are.
func TestStale_clientCloses(t *testing.T) {
	for _, row := range []struct {
		code, stale int
		handlers    tandem.Code
	}{
		{1007, 4906, tandem.CodeInvalid}, {4957, 4906, tandem.CodeInvalid}, // from a browser: 1007 + 3950
		{1000, 1000, tandem.CodeNormal}, {1001, 1001, tandem.CodeGoingAway}, {4001, 4001, 4001}, {4959, 4959, tandem.CodeTooBig},
	} {
		for query, want := range map[string]int{"": row.code, "?tandem.schema=" + otherSchema: row.stale} {
			synctest.Test(t, func(t *testing.T) {
				ends := make(chan error, 1)
				s := inMemory(t, newNumber(), count(ends), nil)
				p := s.connect(t).upgrade(s.path + query)
				p.send(closeFrame(row.code, "cbor: unknown tag"))
				assert.Equal(t, p.expectCloseFrame(want), "cbor: unknown tag")
				p.halfClose()
				p.expectEnd()
				ce := assert.ErrorAs[*tandem.CloseError](t, <-ends)
				assert.Equal(t, ce.Code, row.handlers, "what the handler sees of %d", row.code)
				assert.Equal(t, ce.Reason, "cbor: unknown tag")
			})
		}
	}
}

// Clients do not come back by themselves to say the same again.
func TestCodeStale_isFinal(t *testing.T) {
	assert.Equal(t, int(tandem.CodeStale), wire.CodeStale)
	assert.True(t, tandem.CodeStale.Valid())
	assert.True(t, !tandem.CodeStale.Reconnect())
}

func TestServeOptions_RefuseStale(t *testing.T) {
	o := &tandem.ServeOptions{RefuseStale: true, Authorize: refuseWith(nil)}
	own := schemaOf(t, newNumber())
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, newNumber(), count(make(chan error, 2)), o)
		for _, query := range []string{"", "?tandem.schema=" + own} {
			p := s.connect(t).upgrade(s.path + query)
			p.send(textFrame("1"))
			p.expect(opText, `"ok"`)
			p.hangUp()
		}
	})
	synctest.Test(t, func(t *testing.T) {
		o.Authorize = func(*http.Request) (context.Context, error) {
			t.Error("asked about a client that is refused anyway")
			return nil, nil
		}
		s := inMemory(t, newNumber(), nil, o)
		status, body := answerTo(t, s, "?tandem.schema="+otherSchema)
		assert.Equal(t, status, http.StatusPreconditionFailed)
		assert.Equal(t, body, map[string]any{"message": staleReason, "code": 4906.0})

		p := s.connect(t).upgrade(s.path+"?tandem.schema="+otherSchema, "Origin: http://tandem.test")
		assert.Equal(t, p.expectClose(4906), staleReason)
	})
}

// answerTo is the answer to a request that is refused.
func answerTo(t *testing.T, s *site, query string, lines ...string) (status int, body map[string]any) {
	t.Helper()
	resp := s.connect(t).request(upgradeRequest(s.path+query, lines...))
	assert.NoError(t, stdjson.NewDecoder(resp.Body).Decode(&body))
	return resp.StatusCode, body
}

// Clients that the server still understands are not stale: neither refused, nor told that they are.
func TestServeOptions_Schemas(t *testing.T) {
	for _, strict := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := inMemory(t, newNumber(), count(make(chan error, 1)), &tandem.ServeOptions{Schemas: []string{otherSchema}, RefuseStale: strict})
			p := s.connect(t).upgrade(s.path + "?tandem.schema=" + otherSchema)
			p.send(textFrame(`"one"`))
			p.expectClose(1007)
		})
	}
	for _, hash := range []string{"", "abc", strings.ToUpper(otherSchema), "tandem gen prints 32 hex digits."} {
		err := panicOf(func() { newNumber().Handler(nil, &tandem.ServeOptions{Schemas: []string{hash}}) })
		assert.True(t, err != nil && strings.Contains(err.Error(), "is not a hash"), "%q: %v", hash, err)
	}
}

// Parameters of an older page that do not fit are no reason for it to try the same again.
func TestStale_parameters(t *testing.T) {
	const fault = `query parameter "age": missing`
	type params struct {
		Age int `query:"age"`
	}
	e := &tandem.Endpoint[params, string, string]{Path: "/p", Codec: json.Codec}
	page := "Origin: http://tandem.test"
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, e, func(context.Context, params, *textConn) error { return nil }, nil)
		for _, row := range []struct {
			query string
			lines []string
			code  float64
			text  string
		}{
			{"", nil, 400, fault},
			{"", []string{page}, 400, fault},
			{"?tandem.schema=" + schemaOf(t, e), []string{page}, 400, fault},
			{"?tandem.schema=" + otherSchema, nil, 4906, "client is stale: " + fault},
		} {
			status, body := answerTo(t, s, row.query, row.lines...)
			assert.Equal(t, status, http.StatusBadRequest)
			assert.Equal(t, body, map[string]any{"message": row.text, "code": row.code})
		}
		p := s.connect(t).upgrade("/p?tandem.schema="+otherSchema, page)
		assert.Equal(t, p.expectClose(4906), "client is stale: "+fault)
		s.connect(t).upgrade("/p?age=7&tandem.schema="+otherSchema, page).expectClose(1000)
	})
}

// An endpoint that no generator can describe has no stale clients.
func TestStale_endpointWithoutSchema(t *testing.T) {
	type odd struct{ C chan int }
	e := &tandem.Endpoint[struct{}, odd, string]{Path: "/odd", Codec: bytesCodec{}}
	err := panicOf(func() { e.Handler(nil, &tandem.ServeOptions{RefuseStale: true}) })
	assert.True(t, err != nil && strings.Contains(err.Error(), "no schema"), err)
	synctest.Test(t, func(t *testing.T) {
		book := newLogBook()
		h := func(context.Context, struct{}, *tandem.Conn[odd, string]) error {
			return &tandem.CloseError{Code: tandem.CodeInvalid}
		}
		s := inMemory(t, e, h, &tandem.ServeOptions{Logger: book.logger()})
		for range 2 {
			s.connect(t).upgrade("/odd?tandem.schema=" + otherSchema).expectClose(1007)
		}
		assert.Equal(t, strings.Count(book.String(), "endpoint has no schema"), 1)
	})
}

// Stale clients are logged with the hashes, and with nothing else that they have sent.
func TestStale_log(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := newLogBook()
		s := inMemory(t, newNumber(), count(make(chan error, 2)), &tandem.ServeOptions{Logger: book.logger()})
		s.connect(t).upgrade(s.path + "?tandem.schema=" + otherSchema).hangUp()
		s.connect(t).upgrade(s.path + "?tandem.schema=sensitive").hangUp()
		log := book.String()
		assert.True(t, strings.Contains(log, "client is stale"), log)
		assert.True(t, strings.Contains(log, otherSchema) && strings.Contains(log, schemaOf(t, newNumber())), log)
		assert.True(t, !strings.Contains(log, "sensitive"), log)
	})
}
