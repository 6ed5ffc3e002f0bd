package bind_test

import (
	"net/http"
	"net/url"
	"reflect"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/bind"
)

// source is a Source of maps.
type source struct {
	path    map[string]string
	query   string
	header  map[string][]string
	cookies map[string]string
}

func (s source) PathValue(name string) string      { return s.path[name] }
func (s source) RawQuery() string                  { return s.query }
func (s source) Header(name string) []string       { return s.header[name] }
func (s source) Cookie(name string) (string, bool) { v, ok := s.cookies[name]; return v, ok }

// request is the Source that a server makes of a request.
type request struct{ *http.Request }

func (r request) RawQuery() string            { return r.URL.RawQuery }
func (r request) Header(name string) []string { return r.Request.Header.Values(name) }
func (r request) Cookie(name string) (string, bool) {
	c, err := r.Request.Cookie(name)
	if err != nil {
		return "", false
	}
	return c.Value, true
}

func compile[P any](t testing.TB, path string) *bind.Plan {
	t.Helper()
	p, err := bind.Compile(reflect.TypeFor[P](), path)
	assert.NoError(t, err, path)
	return p
}

// decodeQuery decodes a query into a params struct.
func decodeQuery[P any](t testing.TB, query string) (P, error) {
	t.Helper()
	var p P
	err := compile[P](t, "/").Decode(source{query: query}, &p)
	return p, err
}

// encodeQuery encodes a params struct of query parameters.
func encodeQuery[P any](t testing.TB, params P) string {
	t.Helper()
	r, err := compile[P](t, "/").Encode(params)
	assert.NoError(t, err, "%+v", params)
	return r.RawQuery
}

// serve sends a request through http.ServeMux to the plan's pattern and decodes what arrives there. It returns false if
// the pattern was not reached.
func serve[P any](t testing.TB, plan *bind.Plan, r bind.Request) (params P, reached bool, err error) {
	t.Helper()
	status, err := route(t, plan, r, &params)
	return params, status == http.StatusOK || err != nil, err
}

// route is serve with the status of the answer, 400 for an error of Decode.
func route(t testing.TB, plan *bind.Plan, r bind.Request, params any) (status int, err error) {
	t.Helper()
	target := "http://example.com" + r.Path
	if r.RawQuery != "" {
		target += "?" + r.RawQuery
	}
	u, err := url.Parse(target)
	assert.NoError(t, err)
	// As it goes over the wire: what a server sees is the text of the request line.
	u, err = url.ParseRequestURI(u.RequestURI())
	assert.NoError(t, err)
	req := &http.Request{Method: http.MethodGet, Host: "example.com", URL: u, Header: http.Header{}}
	for _, h := range r.Header {
		req.Header.Add(h[0], h[1])
	}
	for _, c := range r.Cookies {
		req.AddCookie(&http.Cookie{Name: c[0], Value: c[1]})
	}
	mux := http.NewServeMux()
	mux.HandleFunc(plan.Pattern(), func(w http.ResponseWriter, req *http.Request) {
		if err = plan.Decode(request{req}, params); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	w := answer{status: http.StatusOK}
	mux.ServeHTTP(&w, req)
	return w.status, err
}

// answer is a ResponseWriter that keeps the status.
type answer struct{ status int }

func (*answer) Header() http.Header         { return http.Header{} }
func (*answer) Write(b []byte) (int, error) { return len(b), nil }
func (w *answer) WriteHeader(status int)    { w.status = status }
