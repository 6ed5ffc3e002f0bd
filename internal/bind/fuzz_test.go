package bind_test

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/bind"
)

// everything has a field of every kind. All are optional, so that a short query says something.
type everything struct {
	S *string
	B *bool
	I *int8
	L *int64
	U *uint16
	F *float64
	G *float32
	D *time.Duration
	T *time.Time
	X *netip.Prefix
	R *[]byte
	N names
	P []*int
	Q []struct{ A, B *string }
	V [][]int
	Y *[2]uint8
	M map[string]string
	K map[int8][]string
	H map[netip.Addr]*bool
	W *struct {
		embedded
		Z struct{}
	}
	E *tree
	O *point
	Z struct{}
}

// What decodes is written again and decodes to the same; nothing panics.
func FuzzDecodeQuery(f *testing.F) {
	for _, query := range []string{
		"s=a+b&b=true&i=-128&l=1&u=65535&f=1e-5&g=.1&d=1h&t=2026-01-02T03:04:05%2B01:00&x=10.0.0.0/8&r=%00",
		"n=a&n=b&p[]=1&p[]=&q[1][a]=x&q[0][b]=&v[0][0]=1&v[1]=&y[1]=1&y[0]=2",
		"m[a%5Db]=1&m[]=&k[1][]=a&k[-1]=&h[::1]=true&h[1.2.3.4]=",
		"w[a]=1&w[z]=&e[label]=a&e[kids][0][label]=b&e[next][label]=c&o[]=1&o[]=2&z",
		"n%5B4294967295%5D=1&n%5B%5D=2&%6e=3", "q[x]=1&q[]=&w=&e=&v[0][1][2]=3&m[a]]=", "s=%ff&i=%zz&m[%e4]=1",
	} {
		f.Add(query)
	}
	p := compile[everything](f, "/")
	f.Fuzz(func(t *testing.T, query string) {
		var v everything
		if err := p.Decode(source{query: query}, &v); err != nil {
			assert.ErrorAs[*bind.Error](t, err)
			return
		}
		if v.T != nil { // The standard library reads an offset that is the local one as Local, Z as UTC.
			*v.T = v.T.UTC()
		}
		r, err := p.Encode(&v)
		if e, ok := errors.AsType[*bind.Error](err); ok && strings.HasPrefix(e.Reason, "more than") {
			return // empty parts that the query left out are written as pairs of their own
		}
		assert.NoError(t, err)
		var again everything
		assert.NoError(t, p.Decode(source{query: r.RawQuery}, &again), r.RawQuery)
		assert.Equal(t, again, v, r.RawQuery)
		second, err := p.Encode(&again)
		assert.NoError(t, err)
		assert.Equal(t, second.RawQuery, r.RawQuery)
	})
}

// What Encode makes a path of comes back through URL parsing, http.ServeMux and Decode, with anything beside it.
func FuzzPath(f *testing.F) {
	type single struct {
		A, B string
		N    int16
		Q    string
	}
	type multi struct {
		A    string
		Rest string
	}
	type segments struct{ Rest []string }
	ps, pm, pg := compile[single](f, "/x/{a}/{n}/{b}"), compile[multi](f, "/{a}/{rest...}"), compile[segments](f, "/x/{rest...}")
	for _, s := range [][2]string{{"a/b", "c d"}, {"..", "."}, {"%2e", "%2F"}, {"a?b", "a#b"}, {"a//b", "a/"}, {"é", "\xff"}, {"/", "/"}, {"\\", ";"}} {
		f.Add(s[0], s[1], int16(1))
	}
	f.Fuzz(func(t *testing.T, a, b string, n int16) {
		refused := func(err error) bool {
			if err != nil {
				assert.ErrorAs[*bind.Error](t, err)
			}
			return err != nil
		}
		s := single{A: a, B: b, N: n, Q: b}
		if r, err := ps.Encode(s); !refused(err) {
			got, reached, err := serve[single](t, ps, r)
			assert.NoError(t, err, r.Path)
			assert.True(t, reached, r.Path)
			assert.Equal(t, got, s, r.Path)
		}
		m := multi{A: a, Rest: b}
		if r, err := pm.Encode(m); !refused(err) {
			got, reached, err := serve[multi](t, pm, r)
			assert.NoError(t, err, r.Path)
			assert.True(t, reached, r.Path)
			assert.Equal(t, got, m, r.Path)
		}
		g := segments{Rest: []string{a, b}}
		if r, err := pg.Encode(g); !refused(err) {
			got, reached, err := serve[segments](t, pg, r)
			assert.NoError(t, err, r.Path)
			assert.True(t, reached, r.Path)
			assert.Equal(t, got, g, r.Path)
		}
	})
}

// What Compile takes for a path, http.ServeMux takes, and it matches what Encode makes of it.
func FuzzCompile(f *testing.F) {
	type params struct {
		A string
		B int
	}
	for _, path := range []string{"/{a}?b", "/x/{a...}?b=b", "/{b}/{a}/{$}", "/a b/{a}", "/%2F/{a}/", "/{a}.x", "/a%20%c3%a9/{a}/"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		p, err := bind.Compile(reflect.TypeFor[params](), path)
		if err != nil {
			return
		}
		want := params{"x", 1}
		r, err := p.Encode(want)
		assert.NoError(t, err)
		got, reached, err := serve[params](t, p, r)
		assert.NoError(t, err)
		assert.True(t, reached)
		assert.Equal(t, got, want)
	})
}
