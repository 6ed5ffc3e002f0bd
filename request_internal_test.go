//go:build !js

package tandem

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

func TestRequest_isAsItWas(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for _, target := range []string{"/", "/a/b", "/a%2Fb/%e4?q=1&r=%20", "/a?", "/a?b?c", "//host/a", "http://host/a?q"} {
		r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
		r.Header = http.Header{"A": {"1", "", "2"}, "Long": {long}, "Empty": {""}, "None": nil, "": {"no name"}, "B\r\n": {"\x00\xff"}}
		r.SetPathValue("name", "value")
		r.Pattern = "/{name}"
		want := r.Clone(t.Context())
		var k keptRequest
		k.keep(r)
		r.Header.Set("A", "changed")
		var mu sync.Mutex
		got := k.get(&mu)
		assert.Equal(t, got.Header, want.Header, target)
		assert.Equal(t, got.URL, want.URL, target)
		assert.Equal(t, []string{got.Host, got.RequestURI, got.RemoteAddr, got.PathValue("name"), got.Pattern},
			[]string{want.Host, want.RequestURI, want.RemoteAddr, "value", "/{name}"}, target)
		assert.True(t, k.get(&mu) == got, "the same request each time")
	}
}

func TestRequest_behindStripPrefix(t *testing.T) {
	var got *http.Request
	h := http.StripPrefix("/api", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var k keptRequest
		k.keep(r)
		var mu sync.Mutex
		got = k.get(&mu)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/x?q", http.NoBody))
	assert.Equal(t, got.URL.String(), "/x?q")
	assert.Equal(t, got.RequestURI, "/api/x?q")
}
