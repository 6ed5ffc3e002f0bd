package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

type (
	tokenParams struct {
		Token string `header:"X-Token"`
	}
	optionalToken struct {
		Token *string `header:"X-Token"`
	}
	idParams struct {
		ID int `path:"id"`
	}
	queryParams struct {
		Q string `query:"q"`
	}
	twoWays struct {
		ID int `path:"id" query:"id"`
	}
	badMessage struct {
		Items []struct{ Notify chan int }
	}
)

// kindCodec sends frames of a kind that no message travels in.
type kindCodec struct{ tandem.Codec }

func (kindCodec) FrameKind() tandem.FrameKind { return tandem.FramePing }

func TestEndpoint_Check_saysWhatToDo(t *testing.T) {
	for _, row := range []struct {
		name string
		err  error
		says []string
	}{
		{"nil codec", (&textEndpoint{Path: "/a"}).Check(), []string{`endpoint "/a"`, "Codec is nil", "json.Codec"}},
		{"nil pointer for a codec", (&textEndpoint{Path: "/a", Codec: (*pointerCodec)(nil)}).Check(), []string{"Codec is nil"}},
		{"codec name", (&textEndpoint{Path: "/a", Codec: namedCodec{json.Codec, "my codec"}}).Check(), []string{`"my codec"`, "token"}},
		{"codec kind", (&textEndpoint{Path: "/a", Codec: kindCodec{json.Codec}}).Check(), []string{"json", "ping", "FrameText or FrameBinary"}},
		{"required header", (&tandem.Endpoint[tokenParams, string, string]{Path: "/a", Codec: json.Codec}).Check(),
			[]string{`"X-Token"`, "browsers cannot set headers", "NativeOnly"}},
		{"method", (&textEndpoint{Path: "GET /a", Codec: json.Codec}).Check(), []string{"method", "GET", "CONNECT"}},
		{"host", (&textEndpoint{Path: "example.com/a", Codec: json.Codec}).Check(), []string{"hosts", `"/"`}},
		{"empty path", (&textEndpoint{Codec: json.Codec}).Check(), []string{`must start with "/"`}},
		{"tag without wildcard", (&tandem.Endpoint[idParams, string, string]{Path: "/a", Codec: json.Codec}).Check(), []string{"{id}", "ID"}},
		{"wildcard without field", (&textEndpoint{Path: "/a/{id}", Codec: json.Codec}).Check(), []string{"{id}", `path:"id"`}},
		{"tail without field", (&textEndpoint{Path: "/a?q", Codec: json.Codec}).Check(), []string{`"q"`, "query"}},
		{"field without tail", (&tandem.Endpoint[queryParams, string, string]{Path: "/a?other", Codec: json.Codec}).Check(), []string{`"other"`}},
		{"two tags", (&tandem.Endpoint[twoWays, string, string]{Path: "/a/{id}", Codec: json.Codec}).Check(), []string{"ID", "path", "query"}},
		{"params no struct", (&tandem.Endpoint[int, string, string]{Path: "/a", Codec: json.Codec}).Check(), []string{"int", "struct{}"}},
		{"limit", (&textEndpoint{Path: "/a", Codec: json.Codec, Limits: tandem.Limits{CloseTimeout: -1}}).Check(), []string{"Limits.CloseTimeout"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.True(t, row.err != nil, "no error")
			for _, s := range append(row.says, "tandem: endpoint ") {
				assert.True(t, strings.Contains(row.err.Error(), s), fmt.Sprintf("%q does not say %q", row.err, s))
			}
		})
	}
}

// pointerCodec is a codec whose methods have a pointer receiver.
type pointerCodec struct{ tandem.Codec }

func (*pointerCodec) Name() string { return "pointer" }

func TestEndpoint_Check_messageTypesWithTheirPath(t *testing.T) {
	for _, codec := range []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec} {
		in := (&tandem.Endpoint[struct{}, badMessage, string]{Path: "/a", Codec: codec}).Check()
		out := (&tandem.Endpoint[struct{}, string, badMessage]{Path: "/a", Codec: codec}).Check()
		for _, err := range []error{in, out} {
			assert.True(t, err != nil, codec.Name(), ": a channel in a message passes")
			for _, s := range []string{"badMessage", "Items", "Notify", "chan int"} {
				assert.True(t, strings.Contains(err.Error(), s), fmt.Sprintf("%q does not say %q", err, s))
			}
		}
	}
}

// checkingCodec has the optional method of Codec.
type checkingCodec struct {
	tandem.Codec
	mu    *sync.Mutex
	asked *[]reflect.Type
}

func (c checkingCodec) CheckType(t reflect.Type) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.asked = append(*c.asked, t)
	if t.Kind() == reflect.Int {
		return errors.New("no integers here")
	}
	return nil
}

func newChecking() checkingCodec {
	return checkingCodec{json.Codec, new(sync.Mutex), new([]reflect.Type)}
}

func TestEndpoint_Check_asksTheCodecOnceForEachType(t *testing.T) {
	codec := newChecking()
	e := &tandem.Endpoint[struct{}, string, int]{Path: "/a", Codec: codec}
	for range 2 {
		err := e.Check()
		assert.True(t, err != nil && strings.Contains(err.Error(), "no integers here"), err)
	}
	assert.Equal(t, *codec.asked, []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[int]()})
}

func TestEndpoint_Check_isOneAnswerForAll(t *testing.T) {
	e := &textEndpoint{Path: "/a"}
	want := e.Check()
	assert.True(t, want != nil)
	assert.Equal(t, panicOf(func() { e.Handler(echo, nil) }), want, "Handler panics")
	_, err := e.Dial(t.Context(), "http://tandem.test", struct{}{}, nil)
	assert.ErrorIs(t, err, want, "Dial")
	_, err = e.URL("", struct{}{})
	assert.ErrorIs(t, err, want, "URL")
}

func TestEndpoint_NativeOnly_allowsRequiredHeaders(t *testing.T) {
	assert.NoError(t, (&tandem.Endpoint[tokenParams, string, string]{Path: "/a", Codec: json.Codec, NativeOnly: true}).Check())
	assert.NoError(t, (&tandem.Endpoint[optionalToken, string, string]{Path: "/a", Codec: json.Codec}).Check())
}

func TestEndpoint_Check_fromManyGoroutines(t *testing.T) {
	e := &tandem.Endpoint[idParams, string, string]{Path: "/a/{id}", Codec: json.Codec}
	bad := &textEndpoint{Path: "/a/{id}", Codec: json.Codec}
	var wg sync.WaitGroup
	errs := make(chan error, 100)
	for i := range 20 {
		wg.Go(func() {
			errs <- e.Check()
			if url, err := e.URL("", idParams{i}); err != nil || url != fmt.Sprint("/a/", i) {
				errs <- fmt.Errorf("%s, %w", url, err)
			}
			if bad.Check() == nil {
				errs <- errors.New("the bad endpoint passes")
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		assert.NoError(t, err)
	}
}

func TestEndpoint_Handler_patternHasNoTail(t *testing.T) {
	pattern, _ := (&tandem.Endpoint[queryParams, string, string]{Path: "/find?q", Codec: json.Codec}).Handler(nil, nil)
	assert.Equal(t, pattern, "/find")
}

func TestEndpoint_URL_belowAnyBase(t *testing.T) {
	e := &tandem.Endpoint[idParams, string, string]{Path: "/a/{id}", Codec: json.Codec}
	for base, want := range map[string]string{
		"":                         "/a/7",
		"http://example.com":       "http://example.com/a/7",
		"https://example.com/":     "https://example.com/a/7",
		"wss://example.com/x/y":    "wss://example.com/x/y/a/7",
		"ws://[::1]:8080/x%20y/":   "ws://[::1]:8080/x%20y/a/7",
		"https://example.com/?a=b": "",
		"https://example.com/#top": "",
	} {
		got, err := e.URL(base, idParams{7})
		assert.Equal(t, got, want, base)
		assert.Equal(t, err == nil, want != "", base)
	}
}

func TestEndpoint_URL_parameterThatCannotBeSent(t *testing.T) {
	type nameParams struct {
		Name string `path:"name"`
	}
	e := &tandem.Endpoint[nameParams, string, string]{Path: "/a/{name}", Codec: json.Codec}
	_, err := e.URL("", nameParams{})
	pe := assert.ErrorAs[*tandem.ParamError](t, err)
	assert.Equal(t, []string{pe.In, pe.Name}, []string{"path", "name"})
	_, err = e.Dial(t.Context(), "http://tandem.test", nameParams{Name: ".."}, nil)
	pe = assert.ErrorAs[*tandem.ParamError](t, err)
	assert.Equal(t, []string{pe.In, pe.Name}, []string{"path", "name"})
}

type contextKey string

func TestHandler_contextKeepsValuesOfTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := make(chan []any, 1)
		h := func(ctx context.Context, _ struct{}, _ *textConn) error {
			values <- []any{ctx.Value(contextKey("middleware")), ctx.Value(contextKey("authorize")), tandem.Request(ctx).URL.Path}
			return nil
		}
		talk(t, h, &tandem.ServeOptions{
			Use: []func(http.Handler) http.Handler{func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey("middleware"), 1)))
				})
			}},
			Authorize: func(r *http.Request) (context.Context, error) {
				return context.WithValue(r.Context(), contextKey("authorize"), 2), nil
			},
		})
		assert.Equal(t, <-values, []any{1, 2, "/text"})
	})
}

// The request's context ends when net/http is done with the request, which is long before the connection ends.
func TestHandler_contextIsDetachedFromTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		states := make(chan [2]error, 1)
		h := func(ctx context.Context, _ struct{}, _ *textConn) error {
			time.Sleep(time.Hour)
			states <- [2]error{ctx.Err(), tandem.Request(ctx).Context().Err()}
			return nil
		}
		talk(t, h, &tandem.ServeOptions{Authorize: func(r *http.Request) (context.Context, error) {
			ctx, cancel := context.WithCancel(r.Context())
			cancel()
			return ctx, nil
		}})
		assert.Equal(t, <-states, [2]error{nil, context.Canceled})
	})
}

func TestHandler_contextEndsWithTheConnectionThoughNobodyReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Time, 1)
		h := func(ctx context.Context, _ struct{}, _ *textConn) error {
			<-ctx.Done()
			ended <- time.Now()
			return nil
		}
		c := talk(t, h, nil)
		time.Sleep(time.Minute)
		closed := time.Now()
		assert.NoError(t, c.Close(tandem.CodeNormal, ""))
		if took := (<-ended).Sub(closed); took > 200*time.Millisecond {
			t.Fatal("the handler's context ended after", took)
		}
	})
}

func TestRequest_isNilForOtherContexts(t *testing.T) {
	assert.True(t, tandem.Request(t.Context()) == nil)
}

// Parameters are the same when the requests are, whatever they are made of.
func TestEndpoint_Same(t *testing.T) {
	type params struct {
		Room  string `path:"room"`
		Page  *int   `query:"page"`
		Tags  []string
		Token *string `header:"X-Token"`
		Theme *string `cookie:"theme"`
	}
	e := &tandem.Endpoint[params, string, string]{Path: "/rooms/{room}", Codec: json.Codec}
	one, uno, two := 1, 1, 2
	a, b := "a", "b"
	base := params{Room: "r", Page: &one, Tags: []string{"x"}, Token: &a, Theme: &a}
	assert.True(t, e.Same(base, params{Room: "r", Page: &uno, Tags: []string{"x"}, Token: &a, Theme: &a}))
	for name, other := range map[string]params{
		"path":   {Room: "s", Page: &one, Tags: []string{"x"}, Token: &a, Theme: &a},
		"query":  {Room: "r", Page: &two, Tags: []string{"x"}, Token: &a, Theme: &a},
		"absent": {Room: "r", Tags: []string{"x"}, Token: &a, Theme: &a},
		"list":   {Room: "r", Page: &one, Tags: []string{"x", "y"}, Token: &a, Theme: &a},
		"header": {Room: "r", Page: &one, Tags: []string{"x"}, Token: &b, Theme: &a},
		"cookie": {Room: "r", Page: &one, Tags: []string{"x"}, Token: &a, Theme: &b},
	} {
		assert.True(t, !e.Same(base, other), name)
	}
	assert.True(t, !e.Same(params{}, params{}), "what cannot be sent is never the same")
}
