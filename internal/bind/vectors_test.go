package bind_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/bind"
	"github.com/tandem-ws/tandem/internal/serde"
)

type (
	person struct {
		Name string
		Age  int32
	}
	pair struct {
		serde.Tuple
		N int32
		B bool
	}
)

func (p *pair) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&p.N, &p.B})
}

// vectorTypes are the Go types for those named in serde_qs.json.
var vectorTypes = map[string]reflect.Type{
	"Person": reflect.TypeFor[person](),
	"Optional": reflect.TypeFor[struct {
		A *string
		B *int32
	}](),
	"Numbers": reflect.TypeFor[struct{ V []int32 }](),
	"Words":   reflect.TypeFor[struct{ V []string }](),
	"Nested": reflect.TypeFor[struct {
		Q person
		T pair
	}](),
	"Counts": reflect.TypeFor[struct{ M map[string]int32 }](),
	"Scalars": reflect.TypeFor[struct {
		B bool
		F float64
		C string
		U struct{}
	}](),
	"People":          reflect.TypeFor[struct{ V []person }](),
	"Nothing":         reflect.TypeFor[struct{}](),
	"OptionalNumbers": reflect.TypeFor[struct{ V []*int32 }](),
	"MaybeNumbers":    reflect.TypeFor[struct{ V *[]int32 }](),
	"Wide": reflect.TypeFor[struct {
		A *big.Int
		B uint64
	}](),
	"()":     reflect.TypeFor[struct{}](),
	"Chosen": nil, // unions have no spelling in a query
}

func TestVectors_query(t *testing.T) {
	var file struct {
		Written []struct{ Name, Type, Value, Query, Refused, Tandem string }
		Parsed  []struct {
			Type, Query, Value, Refused, Tandem string
			TandemValue                         string `json:"tandem_value"`
		}
	}
	load(t, "query/serde_qs.json", &file)
	plan := func(name string) (*bind.Plan, reflect.Type) {
		typ, ok := vectorTypes[name]
		assert.True(t, ok, "a type for ", name)
		if typ == nil {
			return nil, nil
		}
		p, err := bind.Compile(typ, "/")
		assert.NoError(t, err)
		return p, typ
	}
	value := func(typ reflect.Type, text string) any {
		v := reflect.New(typ)
		assert.NoError(t, json.Unmarshal([]byte(text), v.Interface()), text)
		return v.Interface()
	}
	for _, row := range file.Written {
		p, typ := plan(row.Type)
		if p == nil {
			continue
		}
		want := row.Query
		if row.Tandem != "" {
			want = row.Tandem
		} else {
			assert.Equal(t, row.Refused, "", row.Name)
		}
		r, err := p.Encode(value(typ, row.Value))
		assert.NoError(t, err, row.Name)
		assert.Equal(t, r.RawQuery, want, row.Name)
	}
	for _, row := range file.Parsed {
		p, typ := plan(row.Type)
		if p == nil {
			continue
		}
		want, accept := row.Value, row.Refused == ""
		if row.Tandem != "" {
			want, accept = cmp.Or(row.TandemValue, row.Value), row.Tandem == "accept"
		}
		got := reflect.New(typ).Interface()
		err := p.Decode(source{query: row.Query}, got)
		if accept {
			assert.NoError(t, err, row.Query)
			assert.Equal(t, got, emptyToNil(value(typ, want)), row.Query)
		} else {
			assert.ErrorAs[*bind.Error](t, err, row.Query)
		}
	}
}

// emptyToNil makes the empty slices and maps among the fields of a struct nil, which is the empty list in this package.
func emptyToNil(p any) any {
	for _, f := range reflect.ValueOf(p).Elem().Fields() {
		if (f.Kind() == reflect.Slice || f.Kind() == reflect.Map) && f.Len() == 0 {
			f.SetZero()
		}
	}
	return p
}

func TestVectors_pathBuilt(t *testing.T) {
	var file struct {
		Built []struct {
			Value  string
			Tandem *string
		}
	}
	load(t, "query/path.json", &file)
	type params struct{ V string }
	p := compile[params](t, "/api/{v}/x")
	for _, row := range file.Built {
		r, err := p.Encode(params{row.Value})
		if row.Tandem == nil {
			assert.ErrorAs[*bind.Error](t, err, row.Value)
			continue
		}
		assert.NoError(t, err, row.Value)
		assert.Equal(t, r.Path, *row.Tandem)
	}
}

func TestVectors_pathExtracted(t *testing.T) {
	var file struct {
		Extracted []struct {
			Pattern      string
			GoPattern    string `json:"go_pattern"`
			Types        []string
			Path         string
			Status       int
			TandemStatus int `json:"tandem_status"`
			Parameter    string
			Values       json.RawMessage
		}
	}
	load(t, "query/path.json", &file)
	for _, row := range file.Extracted {
		pattern := cmp.Or(row.GoPattern, row.Pattern)
		typ := reflect.TypeOf(map[string]any{
			"/p/{id} i32":         struct{ ID int32 }{},
			"/s/{id} String":      struct{ ID string }{},
			"/b/{id} bool":        struct{ ID bool }{},
			"/w/{rest...} String": struct{ Rest string }{},
			"/two/{a}/{b} String u8": struct {
				A string
				B uint8
			}{},
			"/b/{id} Option<i32>": struct{ ID int32 }{}, // Compile refuses *int32: a segment is always there
		}[pattern+" "+strings.Join(row.Types, " ")])
		assert.True(t, typ != nil, "a type for ", pattern, row.Types)
		p, err := bind.Compile(typ, pattern)
		assert.NoError(t, err)
		got := reflect.New(typ)
		status, err := route(t, p, bind.Request{Path: row.Path}, got.Interface())
		assert.Equal(t, status, cmp.Or(row.TandemStatus, row.Status, http.StatusOK), row.Path)
		if row.Parameter != "" {
			assert.Equal(t, assert.ErrorAs[*bind.Error](t, err, row.Path).Name, row.Parameter)
		}
		if status != http.StatusOK {
			continue
		}
		want := reflect.New(typ)
		var fields []any
		for _, f := range want.Elem().Fields() {
			fields = append(fields, f.Addr().Interface())
		}
		assert.NoError(t, json.Unmarshal(row.Values, &fields))
		assert.Equal(t, got.Interface(), want.Interface(), row.Path)
	}
}

func load(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile("../../spec/vectors/" + name)
	if errors.Is(err, os.ErrNotExist) {
		assert.Missing(t, "spec/vectors/"+name+" is not there")
	}
	assert.NoError(t, err)
	assert.NoError(t, json.Unmarshal(b, into), name)
}
