package bind_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/bind"
)

type extras struct {
	Token string          `header:"x-token"`
	Limit *int            `header:"X-Limit"`
	Langs []string        `header:"X-Lang"`
	Waits []time.Duration `header:"X-Wait"`
	SID   string          `cookie:"sid"`
	Theme *name           `cookie:"theme"`
}

func TestHeader_roundTrip(t *testing.T) {
	p := compile[extras](t, "/x")
	want := extras{
		Token: "a, b\té", Limit: new(0), Langs: []string{"de", "", "en;q=0.5"}, Waits: []time.Duration{time.Second},
		SID: "a=b", Theme: new(name("dark")),
	}
	r, err := p.Encode(want)
	assert.NoError(t, err)
	assert.Equal(t, r, bind.Request{
		Path:    "/x",
		Header:  [][2]string{{"x-token", "a, b\té"}, {"X-Limit", "0"}, {"X-Lang", "de"}, {"X-Lang", ""}, {"X-Lang", "en;q=0.5"}, {"X-Wait", "1s"}},
		Cookies: [][2]string{{"sid", "a=b"}, {"theme", "dark"}},
	})
	got, reached, err := serve[extras](t, p, r)
	assert.NoError(t, err)
	assert.True(t, reached)
	assert.Equal(t, got, want)

	want = extras{}
	r, err = p.Encode(want)
	assert.NoError(t, err)
	assert.Equal(t, r, bind.Request{Path: "/x", Header: [][2]string{{"x-token", ""}}, Cookies: [][2]string{{"sid", ""}}})
	got, _, err = serve[extras](t, p, r)
	assert.NoError(t, err)
	assert.Equal(t, got, want)
}

func TestHeader_decode(t *testing.T) {
	p := compile[extras](t, "/x")
	sid := map[string]string{"sid": "s", "theme": ""}
	var got extras
	assert.NoError(t, p.Decode(source{cookies: sid, header: map[string][]string{
		"x-token": {" \ta b \t"}, "X-Limit": {" "}, "X-Lang": {" de", "en "},
	}}, &got))
	assert.Equal(t, got, extras{Token: "a b", Langs: []string{"de", "en"}, SID: "s"})

	token := []string{"t"}
	for want, src := range map[string]source{
		`header "x-token": missing`:                            {cookies: sid},
		`header "x-token": given more than once`:               {cookies: sid, header: map[string][]string{"x-token": {"a", "a"}}},
		`header "x-token": "\xe9" is not valid UTF-8`:          {cookies: sid, header: map[string][]string{"x-token": {"\xe9"}}},
		`header "X-Limit": "x" is not an int`:                  {cookies: sid, header: map[string][]string{"x-token": token, "X-Limit": {"x"}}},
		`header "X-Limit": given more than once`:               {cookies: sid, header: map[string][]string{"x-token": token, "X-Limit": {"", ""}}},
		`header "X-Wait": "x" is not a duration such as 1m30s`: {cookies: sid, header: map[string][]string{"x-token": token, "X-Wait": {"1s", "x"}}},
		`cookie "sid": missing`:                                {header: map[string][]string{"x-token": token}},
	} {
		assert.Equal(t, fmt.Sprint(p.Decode(src, &got)), want)
	}
}

func TestHeader_encode_refused(t *testing.T) {
	p := compile[extras](t, "/x")
	for want, params := range map[string]extras{
		`header "x-token": "a\r\nb" contains a control character, which a header cannot carry`: {Token: "a\r\nb"},
		`header "x-token": "\x00" contains a control character, which a header cannot carry`:   {Token: "\x00"},
		`header "x-token": " a" starts or ends with white space, which a header cannot carry`:  {Token: " a"},
		`header "x-token": "a\t" starts or ends with white space, which a header cannot carry`: {Token: "a\t"},
		`header "x-token": "\xff" is not valid UTF-8`:                                          {Token: "\xff"},
		`header "X-Lang": "\n" contains a control character, which a header cannot carry`:      {Langs: []string{"a", "\n"}},
		`cookie "sid": "a;b" contains a character that a cookie cannot carry`:                  {SID: "a;b"},
		`cookie "sid": "a b" contains a character that a cookie cannot carry`:                  {SID: "a b"},
		`cookie "theme": "é" contains a character that a cookie cannot carry`:                  {Theme: new(name("é"))},
	} {
		_, err := p.Encode(params)
		assert.Equal(t, fmt.Sprint(err), want)
	}
}
