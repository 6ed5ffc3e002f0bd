package json_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tandem-ws/tandem/codec/json"
)

// FuzzOracle holds our scanner against jsontext, which becomes the one of Go's standard library: both have to accept
// the same documents, save those we refuse for their depth or for a number float64 cannot hold.
func FuzzOracle(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+7,"\u00e9\ud83d\udeb2",null,true,false,{}]}`, `[1,]`, `{"a":1,"\u0061":2}`, " \t\r\n[ ] ", `"\ud800"`, "\"\x7f\xff\"", `1e400`, `-`, `[[],[[]]]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		dec := jsontext.NewDecoder(bytes.NewReader(src))
		_, want := dec.ReadValue()
		if want == nil {
			if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
				want = errors.New("trailing bytes")
			}
		}
		var v any
		got := json.Codec.Decode(src, &v)
		checkVerdicts(t, src, got, want)
		// A struct without fields skips what is in an object instead of decoding it. It cannot fail on numbers.
		if first := bytes.TrimLeft(src, " \t\r\n"); len(first) > 0 && first[0] == '{' {
			got = json.Codec.Decode(src, &struct{}{})
			checkVerdicts(t, src, got, want)
			if got != nil && want == nil && !strings.Contains(got.Error(), "too deep") {
				t.Fatalf("skipping %q: %v", src, got)
			}
		}
	})
}

func checkVerdicts(t *testing.T, src []byte, got, want error) {
	t.Helper()
	switch {
	case got == nil && want != nil:
		t.Fatalf("%q was accepted, jsontext says %v", src, want)
	case got != nil && want == nil:
		if msg := got.Error(); !strings.Contains(msg, "too deep") && !strings.Contains(msg, "does not fit float64") {
			t.Fatalf("%q was refused: %v", src, got)
		}
	}
}

// FuzzText holds our quoting against that of jsontext.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f\u2028<>&é\U0001F6B2", "\xff", "12345678\x1f", "1234567\xc3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, wantErr := jsontext.AppendQuote(nil, s)
		got, err := json.Codec.Append(nil, &s)
		if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
			t.Fatalf("%q went out as %s, %v, want %s, %v", s, got, err, want, wantErr)
		}
		var back string
		if err == nil && (json.Codec.Decode(got, &back) != nil || back != s) {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}
