package describe_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/cmd/tandem/describe"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

type event interface{ event() }

type (
	said  string
	moved struct {
		To    []point       `json:"to,omitempty"`
		After time.Duration `json:"after"`
		Who   map[int64]*moved
	}
	point struct {
		tandem.Tuple
		X, Y int
	}
	left struct{}
)

func (said) event()  {}
func (moved) event() {}
func (left) event()  {}

var _ = tandem.Union[event](map[string]event{"said": said(""), "moved": moved{}, "left": left{}})

// upper has a form of its own in JSON, and in no other codec.
type upper struct{ text string }

func (u upper) MarshalJSON() ([]byte, error) { return []byte(`"` + u.text + `"`), nil }
func (u *upper) UnmarshalJSON([]byte) error  { return nil }

type where struct {
	Room string   `path:"room"`
	Tags []string `query:"tags"`
}

// A server finds the clients stale that were not made of what it serves, and no others: it computes what tandem gen prints.
func TestEndpoint_hashIsTheServers(t *testing.T) {
	served(t, &tandem.Endpoint[struct{}, string, string]{Path: "/a", Codec: json.Codec}, "/a")
	served(t, &tandem.Endpoint[struct{}, event, []event]{Path: "/a", Codec: cbor.Codec}, "/a")
	served(t, &tandem.Endpoint[struct{}, upper, moved]{Path: "/a", Codec: json.Codec}, "/a")
	served(t, &tandem.Endpoint[where, event, any]{
		Path: "/rooms/{room}?tags", Codec: msgpack.Codec, Session: &tandem.SessionPolicy{}, NativeOnly: true,
	}, "/rooms/x")
}

// served serves e and connects with its printed hash and with another.
func served[P, In, Out any](t *testing.T, e *tandem.Endpoint[P, In, Out], path string) {
	t.Helper()
	// The other endpoint shares types with the one in question.
	d := describe.Package("example.com/api", describe.Endpoint("Other", &tandem.Endpoint[struct{}, event, string]{Path: "/other", Codec: e.Codec}), describe.Endpoint("Served", e))
	assert.Equal(t, d.Error, "")
	hash := d.Document.Declared.Endpoints[1].Hash

	mux := http.NewServeMux()
	mux.Handle(e.Handler(func(context.Context, P, *tandem.Conn[In, Out]) error { return nil }, &tandem.ServeOptions{RefuseStale: true}))
	server := httptest.NewServer(mux)
	defer server.Close()
	for query, want := range map[string]int{
		"?tandem.schema=" + hash:                 http.StatusSwitchingProtocols,
		"?tandem.schema=" + hash[:31]:            http.StatusPreconditionFailed,
		"?tags[0]=a&tandem.schema=" + hash + "&": http.StatusSwitchingProtocols,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path+query, nil)
		assert.NoError(t, err)
		r.Header = http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
		}
		resp, err := http.DefaultClient.Do(r)
		assert.NoError(t, err)
		assert.NoError(t, resp.Body.Close())
		assert.Equal(t, resp.StatusCode, want, query)
	}
}
