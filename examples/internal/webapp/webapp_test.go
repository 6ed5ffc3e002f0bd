package webapp_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/examples/internal/webapp"
	"github.com/tandem-ws/tandem/internal/assert"
)

func get(t *testing.T, h http.Handler, path, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", path, http.NoBody)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestApp(t *testing.T) {
	mux := http.NewServeMux()
	app := webapp.New("github.com/tandem-ws/tandem/examples/uppercase/web")
	app.Handle(mux, "/below/")
	assert.NoError(t, app.Build())

	packed := get(t, mux, "/below/app.wasm", "br, gzip;q=0.8")
	assert.Equal(t, packed.Header.Get("Content-Encoding"), "gzip")
	assert.Equal(t, packed.Header.Get("Content-Type"), "application/wasm")
	z, err := gzip.NewReader(packed.Body)
	assert.NoError(t, err)
	program, err := io.ReadAll(z)
	assert.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(program), "\x00asm"), "a program: %.8q", program)

	for _, accept := range []string{"", "br", "gzip;q=0"} {
		plain := get(t, mux, "/below/app.wasm", accept)
		assert.Equal(t, plain.Header.Get("Content-Encoding"), "", accept)
		body, err := io.ReadAll(plain.Body)
		assert.NoError(t, err)
		assert.True(t, string(body) == string(program), "the same program for %q", accept)
	}
	for name, want := range map[string]string{"wasm_exec.js": "globalThis.Go", "boot.js": "instantiateStreaming"} {
		resp := get(t, mux, "/below/"+name, "")
		body, err := io.ReadAll(resp.Body)
		assert.NoError(t, err)
		assert.Equal(t, resp.Header.Get("Content-Type"), "text/javascript; charset=utf-8", name)
		assert.True(t, strings.Contains(string(body), want), name)
	}
}

// What the compiler says reaches the page.
func TestApp_buildError(t *testing.T) {
	mux := http.NewServeMux()
	app := webapp.New("github.com/tandem-ws/tandem/examples/nothing")
	app.Handle(mux, "/")
	assert.True(t, app.Build() != nil)
	resp := get(t, mux, "/app.wasm", "gzip")
	assert.Equal(t, resp.StatusCode, http.StatusInternalServerError)
	body, err := io.ReadAll(resp.Body)
	assert.NoError(t, err)
	assert.True(t, strings.Contains(string(body), "examples/nothing"), string(body))
}
