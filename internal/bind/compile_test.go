package bind_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/serde"
)

func TestCompile(t *testing.T) {
	type Page struct {
		Page int
		Size *int `query:"page_size"`
	}
	type params struct {
		Room  string
		Rest  []string `path:"rest"`
		Token string   `header:"X-Token"`
		Trace *string  `header:"traceparent"`
		SID   string   `cookie:"sid"`
		Since time.Time
		Page
		Tags   []string `query:"tag"`
		Filter struct{ Min, Max *int }
		Secret string `query:"-"`
		cache  string
	}
	p := compile[params](t, "/rooms/{room}/{rest...}?since&page&page_size&tag&filter")
	assert.Equal(t, p.Pattern(), "/rooms/{room}/{rest...}")
	assert.Equal(t, p.RequiredHeaders(), []string{"X-Token"})
	got := p.Fields()
	assert.Equal(t, got[6].Type, reflect.TypeFor[int]())
	for i := range got {
		got[i].Type = nil
	}
	assert.Equal(t, got, []bind.Field{
		{Name: "room", In: "path", GoName: "Room"},
		{Name: "rest", In: "path", GoName: "Rest"},
		{Name: "X-Token", In: "header", GoName: "Token"},
		{Name: "traceparent", In: "header", GoName: "Trace", Optional: true},
		{Name: "sid", In: "cookie", GoName: "SID"},
		{Name: "since", In: "query", GoName: "Since"},
		{Name: "page", In: "query", GoName: "Page"},
		{Name: "page_size", In: "query", GoName: "Size", Optional: true},
		{Name: "tag", In: "query", GoName: "Tags", Optional: true},
		{Name: "filter", In: "query", GoName: "Filter", Optional: true},
	})
	_ = params{}.cache
}

// An embedded type that is not a plain struct is a parameter of its own, or none if it is not exported.
func TestCompile_embedded(t *testing.T) {
	type params struct {
		time.Time
		Sort
		name
	}
	var names []string
	for _, f := range compile[params](t, "/{time}").Fields() {
		names = append(names, f.In+" "+f.Name)
	}
	assert.Equal(t, names, []string{"path time", "query sort"})
	_ = params{}.name
}

type Sort string

// The tail may give a parameter another name on the wire.
func TestCompile_rename(t *testing.T) {
	type params struct {
		Name string `query:"name"`
		Age  int
		A    int `query:"x"`
		B    int `query:"y"`
		C    int `query:"c"`
	}
	p := compile[params](t, "/?n=name&years=age&y=x&x=y&c=c")
	r, err := p.Encode(params{Name: "Ada", Age: 36, A: 1, B: 2, C: 3})
	assert.NoError(t, err)
	assert.Equal(t, r.RawQuery, "n=Ada&years=36&y=1&x=2&c=3")
	var back params
	assert.NoError(t, p.Decode(source{query: r.RawQuery}, &back))
	assert.Equal(t, back, params{Name: "Ada", Age: 36, A: 1, B: 2, C: 3})
	err = p.Decode(source{query: "name=Ada"}, &back)
	assert.Equal(t, err.Error(), `query parameter "n": missing`)
}

// What Compile accepts, http.ServeMux accepts.
func TestCompile_pattern(t *testing.T) {
	type none struct{}
	type id struct{ ID string }
	for _, path := range []string{"/", "/{$}", "/a", "/a/", "/a/{$}", "/a%20b/é", "/a.b/...", "/~user/a:b"} {
		http.NewServeMux().HandleFunc(compile[none](t, path).Pattern(), noHandler)
	}
	for _, path := range []string{"/{id}", "/{id...}", "/a/{id}/", "/a/{id}/{$}", "/{id}/b"} {
		http.NewServeMux().HandleFunc(compile[id](t, path).Pattern(), noHandler)
	}
}

func noHandler(http.ResponseWriter, *http.Request) {}

type half struct{}

func (half) MarshalText() ([]byte, error) { return nil, nil }

type otherHalf struct{}

func (*otherHalf) UnmarshalText([]byte) error { return nil }

type embedded struct{ A string }

type point struct {
	serde.Tuple
	X, Y int
}

func TestCompile_refused(t *testing.T) {
	type id struct {
		ID string `path:"id"`
	}
	type q struct {
		Name string `query:"name"`
		Age  int
	}
	for name, row := range map[string]struct {
		params any
		path   string
		want   string // what the error says
	}{
		"params nil":        {nil, "/", "params must be a struct type, got nil; use struct{} for none"},
		"params int":        {1, "/", "params must be a struct, got int; use struct{} for none"},
		"params pointer":    {&id{}, "/", "got *bind_test.id; use bind_test.id without the pointer"},
		"params tuple":      {point{}, "/", "params bind_test.point embeds Tuple"},
		"no slash":          {id{}, "x", `must start with "/"`},
		"empty":             {id{}, "", `must start with "/"`},
		"method":            {id{}, "GET /x", "it declares a method; remove GET, because a websocket over HTTP/2 arrives as CONNECT"},
		"host":              {id{}, "example.com/x", "hosts are not part"},
		"space":             {id{}, "/a b", "contains ' '; escape it"},
		"fragment":          {id{}, "/a#b", "escape # as %23"},
		"double slash":      {id{}, "/a//b", "contains //"},
		"dots":              {id{}, "/a/../b", "contains the segment .."},
		"escaped dots":      {id{}, "/a/%2e/b", "contains the segment %2e"},
		"escaped slash":     {id{}, "/a/%2F", "takes for a trailing slash"},
		"bad escape":        {id{}, "/a%zz", `"a%zz" has a bad % escape`},
		"bad UTF-8":         {id{}, "/a%ff", "not valid UTF-8"},
		"origin wildcard":   {id{}, "/:id", "write {id}"},
		"origin catch-all":  {id{}, "/*id", "write {id...}"},
		"axum catch-all":    {id{}, "/{*id}", "write {id...}"},
		"mixed segment":     {id{}, "/{id}.json", `"{id}.json" mixes a wildcard with text`},
		"mixed segment 2":   {id{}, "/x{id}", "mixes"},
		"two in one":        {id{}, "/{id}{id}", "mixes"},
		"open brace":        {id{}, "/{id", "mixes"},
		"close brace":       {id{}, "/id}", "mixes"},
		"lone brace":        {id{}, "/{", "mixes"},
		"no name":           {id{}, "/{}", "has no name"},
		"no name, multi":    {id{}, "/{...}", "has no name"},
		"bad name":          {id{}, "/{i-d}", "Go identifier"},
		"catch-all inside":  {id{}, "/{id...}/x", "{id...} must be at the end"},
		"end inside":        {id{}, "/{$}/x", "{$} must be at the end"},
		"wildcard twice":    {id{}, "/{id}/{id}", "{id} appears twice"},
		"no field":          {id{}, "/{id}/{room}", `no field in bind_test.id for the wildcard {room}; add one with the tag path:"room"`},
		"no wildcard":       {id{}, "/x", "no wildcard {id} for field ID of bind_test.id"},
		"tail empty":        {q{}, "/?", "a name is missing in the tail"},
		"tail hole":         {q{}, "/?name&&age", "a name is missing in the tail"},
		"tail twice":        {q{}, "/?name&age&name", `lists "name" twice`},
		"tail field twice":  {q{}, "/?name&age&x=name", "lists field Name of bind_test.q twice"},
		"tail whole struct": {q{}, "/?{all}", "does not bind a whole struct"},
		"tail bad name":     {q{}, "/?name&a[0]", "which a name cannot have"},
		"tail unknown":      {q{}, "/?name&age&x", `lists "x", but bind_test.q has no such query field; add one with the tag query:"x"`},
		"tail incomplete":   {q{}, "/?name", `does not list "age", which is field Age of bind_test.q`},
		"tail incomplete 2": {q{}, "/?age", `does not list "name", which is field Name`},
		"tail disagrees": {struct {
			Name string `query:"n"`
		}{}, "/?name", `lists "name", but field Name of`},
		"two tags": {struct {
			A string `path:"a" query:"a"`
		}{}, "/{a}", "field A: it has a path and a query tag"},
		"empty tag": {struct {
			A string `query:""`
		}{}, "/", "field A: its query tag is empty"},
		"options in tag": {struct {
			A string `query:"a,omitempty"`
		}{}, "/", "contains ','"},
		"name not UTF-8": {struct {
			A string `query:"\xff"`
		}{}, "/", "not valid UTF-8"},
		"unexported": {struct {
			a string `query:"a"`
		}{}, "/", "field a: it has a query tag but is not exported"},
		"same name": {struct {
			A string `query:"x"`
			B string `query:"x"`
		}{}, "/", `fields A and B are both the query parameter "x"`},
		"same header": {struct {
			A string `header:"X-A"`
			B string `header:"x-a"`
		}{}, "/", `both the header parameter "x-a"`},
		"shadowed by embedding": {struct {
			embedded
			A string
		}{}, "/", `fields A and A are both the query parameter "a"`},
		"embedded pointer": {struct{ *embedded }{}, "/", "a pointer cannot be inlined"},
		"embedded tuple":   {struct{ point }{}, "/", "a tuple cannot be inlined"},
		"header of server": {struct {
			A string `header:"Sec-WebSocket-Key"`
		}{}, "/", "belongs to the handshake"},
		"header host": {struct {
			A string `header:"host"`
		}{}, "/", "belongs to the handshake"},
		"header cookie": {struct {
			A string `header:"Cookie"`
		}{}, "/", "cookie tags"},
		"header name": {struct {
			A string `header:"X Token"`
		}{}, "/", "contains ' '"},
		"cookie name": {struct {
			A string `cookie:"a=b"`
		}{}, "/", "contains '='"},
		"path pointer":   {struct{ ID *string }{}, "/{id}", "use a value, not a pointer"},
		"path slice":     {struct{ ID []string }{}, "/{id}", "a path parameter is a single value, got []string"},
		"path struct":    {struct{ ID struct{ A int } }{}, "/{id}", "a path parameter is a single value"},
		"catch-all ints": {struct{ ID []int }{}, "/{id...}", "use a string or a []string"},
		"catch-all int":  {struct{ ID int }{}, "/{id...}", "use a string or a []string"},
		"header map": {struct {
			A map[string]string `header:"A"`
		}{}, "/", "a header is a single value"},
		"header pointers": {struct {
			A []*string `header:"A"`
		}{}, "/", "a header is a single value"},
		"cookie slice": {struct {
			A []string `cookie:"a"`
		}{}, "/", "a cookie is a single value"},
		"chan":              {struct{ A chan int }{}, "/", "field A: chan int cannot be a parameter"},
		"interface":         {struct{ A any }{}, "/", "cannot be a parameter"},
		"context":           {struct{ A context.Context }{}, "/", "cannot be a parameter"},
		"complex":           {struct{ A complex128 }{}, "/", "cannot be a parameter"},
		"uintptr":           {struct{ A uintptr }{}, "/", "cannot be a parameter"},
		"func inside":       {struct{ A []struct{ F func() } }{}, "/", "field F: func() cannot be a parameter"},
		"pointers":          {struct{ A **int }{}, "/", "pointer to a pointer"},
		"map key":           {struct{ A map[float64]int }{}, "/", "float64 cannot be a map key"},
		"map key interface": {struct{ A map[any]int }{}, "/", "cannot be a map key"},
		"only MarshalText":  {struct{ A half }{}, "/", "has MarshalText but no UnmarshalText"},
		"only Unmarshal":    {struct{ A []otherHalf }{}, "/", "has UnmarshalText but no MarshalText"},
		"nested header": {struct {
			A struct {
				B string `header:"B"`
			}
		}{}, "/", "a header parameter cannot be nested"},
		"nested two tags": {struct {
			A struct {
				B int `query:"b" path:"b"`
			}
		}{}, "/", "field B: it has a path and a query tag"},
		"key half":      {struct{ A map[half]int }{}, "/", "has MarshalText but no UnmarshalText"},
		"embedded half": {struct{ half }{}, "/", "embedded bind_test.half: bind_test.half has MarshalText"},
		"nested twice": {struct {
			A struct {
				B, C string `query:"x"`
			}
		}{}, "/", "fields B and C are both"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bind.Compile(reflect.TypeOf(row.params), row.path)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %v\nwant an error with %s", err, row.want)
			}
		})
	}
}

func TestPlan_wrongType(t *testing.T) {
	type params struct{ A *string }
	p := compile[params](t, "/")
	var nilParams *params
	for _, dst := range []any{nil, params{}, nilParams, new(int), new(any)} {
		if err := p.Decode(source{}, dst); err == nil {
			t.Errorf("decoded into a %T", dst)
		}
	}
	for _, v := range []any{nil, nilParams, 1, struct{}{}} {
		if _, err := p.Encode(v); err == nil {
			t.Errorf("encoded a %T", v)
		}
	}
	// Both forms are taken, and decoding starts from zero.
	a, err := p.Encode(params{A: new("x")})
	assert.NoError(t, err)
	b, err := p.Encode(&params{A: new("x")})
	assert.NoError(t, err)
	assert.Equal(t, a, b)
	old := params{A: new("x")}
	assert.NoError(t, p.Decode(source{}, &old))
	assert.Equal(t, old, params{})
}
