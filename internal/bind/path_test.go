package bind_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/bind"
)

func TestPath_roundTrip(t *testing.T) {
	type room struct {
		Room string
	}
	p := compile[room](t, "/a%20b/{room}/é")
	for value, want := range map[string]string{
		"lobby":         "lobby",
		"a b":           "a%20b",
		"a/b":           "a%2Fb",
		"//":            "%2F%2F",
		"a?b#c":         "a%3Fb%23c",
		"a%2Fb":         "a%252Fb",
		"100%":          "100%25",
		"a+b":           "a+b",
		"...":           "...",
		".a":            ".a",
		"a\\b":          "a%5Cb",
		"\x00\t\r\n":    "%00%09%0D%0A",
		"é🎉":            "%C3%A9%F0%9F%8E%89",
		"{room}":        "%7Broom%7D",
		"-_.~$&+=:@":    "-_.~$&+=:@",
		"!*'(),;[]|^`<": "%21%2A%27%28%29%2C%3B%5B%5D%7C%5E%60%3C",
	} {
		r, err := p.Encode(room{value})
		assert.NoError(t, err, value)
		assert.Equal(t, r.Path, "/a%20b/"+want+"/%C3%A9")
		// %2A and others are as good; the standard library agrees on the rest.
		assert.Equal(t, want, url.PathEscape(value))
		back, reached, err := serve[room](t, p, r)
		assert.NoError(t, err, value)
		assert.True(t, reached, value)
		assert.Equal(t, back, room{value})
	}
}

func TestPath_types(t *testing.T) {
	type params struct {
		ID    int8
		On    bool
		Wait  time.Duration
		At    time.Time
		Level level
		Ratio float32
		Raw   []byte
	}
	p := compile[params](t, "/{id}/{on}/{wait}/{at}/{level}/{ratio}/{raw}/{$}")
	want := params{-3, true, time.Minute, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), level{2}, 0.5, []byte("a/b")}
	r, err := p.Encode(&want)
	assert.NoError(t, err)
	assert.Equal(t, r.Path, "/-3/true/1m0s/2026-01-02T03:04:05Z/2/0.5/a%2Fb/")
	got, reached, err := serve[params](t, p, r)
	assert.NoError(t, err)
	assert.True(t, reached)
	assert.Equal(t, got, want)

	for path, want := range map[string]string{
		"/200/true/1s/x/1/1/x/": `path parameter "id": "200" is out of range`,
		"/1/1/1s/x/1/1/x/":      `path parameter "on": "1" is neither true nor false`,
		"/1/true/1s/x/1/1/x/":   `path parameter "at": "x" is not a time such as 2006-01-02T15:04:05Z`,
	} {
		_, reached, err := serve[params](t, p, bind.Request{Path: path})
		assert.True(t, reached)
		assert.Equal(t, fmt.Sprint(err), want)
	}
}

func TestPath_catchAll(t *testing.T) {
	type text struct{ Rest string }
	type segments struct{ Rest []name }
	p, q := compile[text](t, "/files/{rest...}"), compile[segments](t, "/files/{rest...}")
	for value, want := range map[string]string{
		"a":            "/files/a",
		"a/b c/é":      "/files/a/b%20c/%C3%A9",
		"a/":           "/files/a/",
		"a?b/c%2Fd":    "/files/a%3Fb/c%252Fd",
		".../..a/b../": "/files/.../..a/b../",
	} {
		r, err := p.Encode(text{value})
		assert.NoError(t, err, value)
		assert.Equal(t, r.Path, want)
		back, reached, err := serve[text](t, p, r)
		assert.NoError(t, err)
		assert.True(t, reached, value)
		assert.Equal(t, back, text{value})

		var parts segments
		for s := range strings.SplitSeq(value, "/") {
			parts.Rest = append(parts.Rest, name(s))
		}
		r, err = q.Encode(parts)
		assert.NoError(t, err, value)
		assert.Equal(t, r.Path, want)
		again, reached, err := serve[segments](t, q, r)
		assert.NoError(t, err)
		assert.True(t, reached, value)
		assert.Equal(t, again, parts)
	}
	_, err := q.Encode(segments{[]name{"a/b"}})
	assert.Equal(t, fmt.Sprint(err), `path parameter "rest": the segment "a/b" contains a slash, which would split it`)
	_, err = q.Encode(segments{})
	assert.Equal(t, fmt.Sprint(err), `path parameter "rest": it is empty, which a path cannot carry`)
	_, err = q.Encode(segments{[]name{"a", "\xff"}})
	assert.Equal(t, fmt.Sprint(err), `path parameter "rest": "\xff" is not valid UTF-8`)
	for _, value := range []string{"", "/", "/a", "a//b", "a//", "//"} {
		_, err := p.Encode(text{value})
		assert.True(t, err != nil && strings.Contains(err.Error(), "empty"), value, err)
	}
	for _, value := range []string{".", "..", "a/./b", "a/..", "../a"} {
		_, err := p.Encode(text{value})
		assert.Equal(t, fmt.Sprint(err), `path parameter "rest": it has the segment . or .., which a path cannot carry`)
	}
	_, reached, err := serve[text](t, p, bind.Request{Path: "/files/"})
	assert.True(t, reached)
	assert.Equal(t, fmt.Sprint(err), `path parameter "rest": missing`)
	_, reached, err = serve[segments](t, q, bind.Request{Path: "/files/%ff/a"})
	assert.True(t, reached)
	assert.Equal(t, fmt.Sprint(err), `path parameter "rest": "\xff" is not valid UTF-8`)
}

func TestPath_refused(t *testing.T) {
	type params struct{ ID string }
	p := compile[params](t, "/{id}")
	for value, want := range map[string]string{
		"":     "it is empty, which a path cannot carry",
		".":    "it has the segment . or .., which a path cannot carry",
		"..":   "it has the segment . or .., which a path cannot carry",
		"/":    "it is a slash, which a path cannot carry alone",
		"\xff": `"\xff" is not valid UTF-8`,
	} {
		_, err := p.Encode(params{value})
		e, ok := errors.AsType[*bind.Error](err)
		assert.True(t, ok, value)
		assert.Equal(t, *e, bind.Error{In: "path", Name: "id", Reason: want})
	}
	var got params
	err := p.Decode(source{}, &got)
	assert.Equal(t, fmt.Sprint(err), `path parameter "id": missing`)
}

func TestPath_literal(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/{$}": "/", "/a/": "/a/", "/a/{$}": "/a/", "/a%2fb": "/a%2Fb", "/a'b": "/a%27b", "/%7Ea": "/~a",
	} {
		p := compile[struct{}](t, path)
		r, err := p.Encode(struct{}{})
		assert.NoError(t, err)
		assert.Equal(t, r, bind.Request{Path: want})
		_, reached, err := serve[struct{}](t, p, r)
		assert.NoError(t, err)
		assert.True(t, reached, path)
	}
}
