package bind_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/bind"
)

func TestPlan_Describe(t *testing.T) {
	type Inner struct {
		Min *uint8
		Max time.Duration
	}
	type Embedded struct {
		Token *string `header:"X-Token"`
	}
	type params struct {
		ID string `path:"id"`
		Embedded
		Filter Inner
		Tags   map[string][2]bool
		Rest   []string `path:"rest"`
	}
	plan, err := bind.Compile(reflect.TypeFor[params](), "/a/{id}/ü/{rest...}?filter&tags")
	assert.NoError(t, err)
	type row struct{ name, in, owner, kind string }
	var got []row
	described := plan.Describe()
	for _, p := range described {
		got = append(got, row{p.Name, p.In, p.Owner.Name(), p.Shape.Kind})
	}
	assert.Equal(t, got, []row{
		{"id", bind.InPath, "params", "string"},
		{"X-Token", bind.InHeader, "Embedded", "option"},
		{"filter", bind.InQuery, "params", "record"},
		{"tags", bind.InQuery, "params", "map"},
		{"rest", bind.InPath, "params", "list"},
	})
	fields := described[2].Shape.Fields
	assert.Equal(t, []any{fields[0].Name, fields[0].Optional, fields[0].Shape.Elem.Kind, fields[0].Shape.Elem.Bits}, []any{"min", true, "uint", 8})
	assert.Equal(t, []any{fields[1].Name, fields[1].Optional, fields[1].Shape.Kind}, []any{"max", false, "duration"})
	tags := described[3].Shape
	assert.Equal(t, []any{tags.Key.Kind, tags.Elem.Kind, tags.Elem.Len, tags.Elem.Elem.Kind}, []any{"string", "array", 2, "bool"})
	assert.Equal(t, plan.Segments(), []bind.Segment{{Literal: "a"}, {Name: "id"}, {Literal: "%C3%BC"}, {Name: "rest", Multi: true}})
}
