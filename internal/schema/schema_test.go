package schema_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/schema"
	"github.com/tandem-ws/tandem/internal/serde"
)

type Params struct {
	Room string
	Page *int
}

type Message struct {
	Text  string   `json:"text"`
	Count int      `json:"count"`
	Tags  []string `json:"tags,omitempty"`
}

func declaration(out reflect.Type) schema.Declaration {
	return schema.Declaration{Name: "Feed", Path: "/feed/{room}", Params: reflect.TypeFor[Params](), In: reflect.TypeFor[string](), Out: out, Codec: "json"}
}

func hash(t *testing.T, d schema.Declaration) string {
	t.Helper()
	doc, err := schema.Describe("example.com/api", []schema.Declaration{d})
	assert.NoError(t, err)
	h := doc.Endpoints[0].Hash
	assert.Equal(t, len(h), 32)
	return h
}

// The hash is part of what generated files hold, so it stays what it is: who changes it makes every page stale.
func TestHash_stable(t *testing.T) {
	assert.Equal(t, hash(t, declaration(reflect.TypeFor[Message]())), "2deb3c17c9fc609b3b3b12b065bcbdd3")
}

func TestHash_same(t *testing.T) {
	type Text string
	type Other struct {
		Tags   []Text `json:"tags,omitempty"`
		Amount int    `json:"count"`
		Said   Text   `json:"text"`
	}
	type Asked struct {
		Page *int
		Name string `path:"room"`
	}
	want := hash(t, declaration(reflect.TypeFor[Message]()))
	d := declaration(reflect.TypeFor[Other]())
	assert.Equal(t, hash(t, d), want, "names of types, and the order of fields")
	d.Params = reflect.TypeFor[Asked]()
	assert.Equal(t, hash(t, d), want, "names and order of parameters' fields")
	d.Name, d.Limits.MaxClientMessage, d.Session, d.NativeOnly = "Other", 7, &schema.Session{}, true
	assert.Equal(t, hash(t, d), want, "name, limits, session, NativeOnly")
	bigint := declaration(reflect.TypeFor[struct {
		Text  string   `json:"text"`
		Count int      `json:"count" ts:"bigint"`
		Tags  []string `json:"tags,omitempty"`
	}]())
	assert.Equal(t, hash(t, bigint), want, "what concerns TypeScript only")
}

func TestHash_different(t *testing.T) {
	seen := map[string]string{}
	add := func(what string, d schema.Declaration) {
		h := hash(t, d)
		if other, ok := seen[h]; ok {
			t.Errorf("%s and %s have one hash", what, other)
		}
		seen[h] = what
	}
	base := declaration(reflect.TypeFor[Message]())
	add("the base", base)
	codec := base
	codec.Codec = "cbor"
	add("another codec", codec)
	path := base
	path.Path = "/feed/{room...}"
	add("another path", path)
	place := base
	place.Params = reflect.TypeFor[struct {
		Room string
		Page *int `header:"Page"`
	}]()
	add("a parameter in another place", place)
	required := base
	required.Params = reflect.TypeFor[struct {
		Room string
		Page int
	}]()
	add("a parameter that is required", required)
	swapped := base
	swapped.In, swapped.Out = base.Out, base.In
	add("in and out swapped", swapped)
	for what, t := range map[string]reflect.Type{
		"a field less": reflect.TypeFor[struct {
			Text  string `json:"text"`
			Count int    `json:"count"`
		}](),
		"another name": reflect.TypeFor[struct {
			Text  string   `json:"Text"`
			Count int      `json:"count"`
			Tags  []string `json:"tags,omitempty"`
		}](),
		"fewer bits": reflect.TypeFor[struct {
			Text  string   `json:"text"`
			Count int32    `json:"count"`
			Tags  []string `json:"tags,omitempty"`
		}](),
		"never left out": reflect.TypeFor[struct {
			Text  string   `json:"text"`
			Count int      `json:"count"`
			Tags  []string `json:"tags"`
		}](),
		"a tuple": reflect.TypeFor[struct {
			serde.Tuple
			A, B int
		}](),
		"arrays": reflect.TypeFor[[3]int](), "longer arrays": reflect.TypeFor[[4]int](), "lists": reflect.TypeFor[[]int](),
		"options": reflect.TypeFor[*int](), "maps": reflect.TypeFor[map[string]int](), "maps by number": reflect.TypeFor[map[int]int](),
		"bytes": reflect.TypeFor[[]byte](), "signed": reflect.TypeFor[int8](), "unsigned": reflect.TypeFor[uint8](),
	} {
		add(what, declaration(t))
	}
}

// A tree of trees is not a tree of other trees.
func TestHash_recursive(t *testing.T) {
	type Leaf struct{ Next *Leaf }
	type Twig struct{ Next *Twig }
	type Pair struct {
		Left, Right *Pair
	}
	a := hash(t, declaration(reflect.TypeFor[Leaf]()))
	assert.Equal(t, hash(t, declaration(reflect.TypeFor[Twig]())), a)
	assert.True(t, hash(t, declaration(reflect.TypeFor[Pair]())) != a, "two are not one")
}

func TestDescribe_json(t *testing.T) {
	doc, err := schema.Describe("example.com/api", []schema.Declaration{declaration(reflect.TypeFor[Message]())})
	assert.NoError(t, err)
	text, err := json.Marshal(doc)
	assert.NoError(t, err)
	var read schema.Document
	assert.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, &read, doc, "a document is the same when it is read again")
}

func TestDescribe_errors(t *testing.T) {
	_, err := schema.Describe("p", []schema.Declaration{declaration(reflect.TypeFor[struct{ C []chan int }]())})
	assert.True(t, err != nil && strings.Contains(err.Error(), "Feed: out: message.C[]: chan int cannot be a message"), err)
	d := declaration(reflect.TypeFor[string]())
	d.Params = reflect.TypeFor[struct {
		Room string
		N    int8 `ts:"bigint"`
	}]()
	_, err = schema.Describe("p", []schema.Declaration{d})
	assert.True(t, err != nil && strings.Contains(err.Error(), `Feed: params: N: the tag ts:"bigint" is for 64-bit integers`), err)
}

type source map[string]string

func (s source) Package() string                { return s["package"] }
func (s source) Var(name string) string         { return s["var "+name] }
func (s source) Type(decl string) string        { return s["type "+decl] }
func (s source) Field(decl, name string) string { return s["field "+decl+"."+name] }

func (s source) Constants(decl string) (out []schema.Constant) {
	for c := range strings.FieldsSeq(s["const "+decl]) {
		name, text, _ := strings.Cut(c, "=")
		out = append(out, schema.Constant{Name: name, Text: text})
	}
	return out
}

type Level int

type Role string

func TestAnnotate(t *testing.T) {
	const pkg = "github.com/tandem-ws/tandem/internal/schema_test"
	for _, row := range []struct {
		typ       reflect.Type
		constants string
		closed    bool
		first     string
	}{
		{reflect.TypeFor[Level](), "LevelLow=0 LevelHigh=1", true, "Low"},
		{reflect.TypeFor[Level](), "LevelLow=0 High=1", true, "LevelLow"},
		{reflect.TypeFor[Level](), "Low=-1 Middle=0 High=1", true, "Low"},
		{reflect.TypeFor[Level](), "Read=1 Write=2 Delete=4", false, "Read"},
		{reflect.TypeFor[Level](), "Max=10", false, "Max"},
		{reflect.TypeFor[Level](), "Same=1 Again=1", false, "Same"},
		{reflect.TypeFor[Role](), "Admin=admin Guest=guest", true, "Admin"},
		{reflect.TypeFor[Role](), "Nobody=", false, "Nobody"},
	} {
		doc, err := schema.Describe(pkg, []schema.Declaration{declaration(row.typ)})
		assert.NoError(t, err)
		doc.Annotate(source{"const " + pkg + "." + row.typ.Name(): row.constants, "var Feed": "Feed is it.\n\nDeprecated: use\nanother.\n\nThe end.\n"})
		n := doc.Resolve(doc.Endpoints[0].Out)
		for _, named := range doc.Types {
			if named.Type == n {
				assert.Equal(t, named.Closed, row.closed, row.constants)
				assert.Equal(t, named.Values[0].Name, row.first, row.constants)
			}
		}
		assert.Equal(t, doc.Endpoints[0].Docs, schema.Docs{Doc: "Feed is it.\n\nThe end.", Deprecated: "use another."})
	}
}
