package bind_test

import (
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

type benchParams struct {
	Name string `query:"name"`
	Age  int    `query:"age"`
}

type benchFull struct {
	Room  string   `path:"room"`
	Token *string  `header:"X-Token"`
	SID   string   `cookie:"sid"`
	After int      `query:"after"`
	Tags  []string `query:"tags"`
}

func BenchmarkDecode(b *testing.B) {
	p := compile[benchParams](b, "/api/uppercase_ws?name&age")
	src := &source{query: "name=John+Doe&age=30"}
	b.ReportAllocs()
	for b.Loop() {
		var v benchParams
		if err := p.Decode(src, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode_full(b *testing.B) {
	p := compile[benchFull](b, "/rooms/{room}")
	src := &source{
		path: map[string]string{"room": "lobby"}, query: "after=17&tags[0]=a&tags[1]=b",
		header: map[string][]string{"X-Token": {"t"}}, cookies: map[string]string{"sid": "s"},
	}
	b.ReportAllocs()
	for b.Loop() {
		var v benchFull
		if err := p.Decode(src, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	p := compile[benchParams](b, "/api/uppercase_ws?name&age")
	v := &benchParams{"John Doe", 30}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Encode(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode_full(b *testing.B) {
	p := compile[benchFull](b, "/rooms/{room}")
	v := &benchFull{Room: "lobby", SID: "s", After: 17, Tags: []string{"a", "b"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Encode(v); err != nil {
			b.Fatal(err)
		}
	}
}

// A promise of the package: the typical request costs the params, what has to be unescaped, and little else.
func TestDecode_allocations(t *testing.T) {
	p := compile[benchParams](t, "/api/uppercase_ws?name&age")
	src := &source{query: "name=John+Doe&age=30"}
	got := testing.AllocsPerRun(100, func() {
		var v benchParams
		if err := p.Decode(src, &v); err != nil {
			t.Fatal(err)
		}
	})
	assert.True(t, got <= 4, got)
}
