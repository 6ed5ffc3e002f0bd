// Package codectest checks that a codec keeps the promises of tandem.Codec. Call [Run] from a test of your own codec:
//
//	func TestCodec(t *testing.T) { codectest.Run(t, mycodec.Codec) }
//
// [Run] asks only what every codec can do, one over encoding/json included. [RunStrict] asks for the data model of this
// module's own codecs as well.
package codectest

import (
	"bytes"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/tandem-ws/tandem"
)

// Run checks what the interface promises: the name, the kind of frames, that Append keeps what is there and Decode
// keeps nothing, that messages come back as they went, that what is cut short or followed by more is refused, and that
// all of it may happen at once. It starts subtests of t and reports through them. A panic of the codec on bad input
// ends the test run with its stack, as it would end a server.
func Run(t *testing.T, c tandem.Codec) {
	t.Run("name", func(t *testing.T) { checkName(t, c) })
	t.Run("frame kind", func(t *testing.T) { checkFrameKind(t, c) })
	t.Run("append", func(t *testing.T) { checkAppend(t, c) })
	t.Run("round trip", func(t *testing.T) {
		for _, m := range messages() {
			t.Run(m.name, func(t *testing.T) { roundTrip(t, c, m.value) })
		}
	})
	t.Run("retain", func(t *testing.T) { checkRetain(t, c) })
	t.Run("trailing bytes", func(t *testing.T) { checkTrailing(t, c) })
	t.Run("truncated", func(t *testing.T) { checkTruncated(t, c) })
	t.Run("offset", func(t *testing.T) { checkOffset(t, c) })
	t.Run("claims", func(t *testing.T) { checkClaims(t, c) })
	t.Run("concurrent", func(t *testing.T) { checkConcurrent(t, c) })
}

func checkName(t *testing.T, c tandem.Codec) {
	const tchar = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	name := c.Name()
	if name == "" || strings.Trim(name, tchar) != "" {
		t.Errorf("the name %q is not a token of RFC 9110", name)
	}
	for _, b := range []byte(name) {
		if !strings.Contains(tchar, string(rune(b))) {
			t.Errorf("the name %q is not a token of RFC 9110", name)
		}
	}
	if again := c.Name(); again != name {
		t.Errorf("the name changed from %q to %q", name, again)
	}
}

func checkFrameKind(t *testing.T, c tandem.Codec) {
	if k := c.FrameKind(); k != tandem.FrameText && k != tandem.FrameBinary {
		t.Errorf("messages go out in %v frames, want text or binary", k)
	}
}

// mustAppend encodes the message v points to behind dst.
func mustAppend(t *testing.T, c tandem.Codec, dst []byte, v any) []byte {
	t.Helper()
	b, err := c.Append(dst, v)
	if err != nil {
		t.Fatalf("encode %T: %v", v, err)
	}
	return b
}

// decodeNew decodes src into a new value of the type v points to.
func decodeNew(c tandem.Codec, src []byte, v any) (any, error) {
	got := reflect.New(reflect.TypeOf(v).Elem()).Interface()
	return got, c.Decode(src, got)
}

func roundTrip(t *testing.T, c tandem.Codec, v any) {
	t.Helper()
	src := mustAppend(t, c, nil, v)
	got, err := decodeNew(c, src, v)
	if err != nil {
		t.Fatalf("decode %T from %q: %v", v, src, err)
	}
	if !reflect.DeepEqual(got, v) {
		t.Errorf("%T went out as %q and came back different\n got %+v\nwant %+v", v, src, reflect.ValueOf(got).Elem(), reflect.ValueOf(v).Elem())
	}
}

func checkAppend(t *testing.T, c tandem.Codec) {
	m := sample()
	want := mustAppend(t, c, nil, m)
	if len(want) == 0 {
		t.Fatal("nothing was appended")
	}
	for _, room := range []int{0, 1, len(want), 4 * len(want)} {
		prefix := append(make([]byte, 0, 6+room), "prefix"...)
		got := mustAppend(t, c, prefix, m)
		if !bytes.HasPrefix(got, []byte("prefix")) {
			t.Fatalf("with room for %d bytes the prefix became %q", room, got[:min(6, len(got))])
		}
		if !bytes.Equal(got[6:], want) {
			t.Errorf("with room for %d bytes the encoding is %q, want %q", room, got[6:], want)
		}
	}
}

func checkRetain(t *testing.T, c tandem.Codec) {
	m := sample()
	src := mustAppend(t, c, nil, m)
	before := bytes.Clone(src)
	got, err := decodeNew(c, src, m)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	if !bytes.Equal(src, before) {
		t.Errorf("Decode changed its input")
	}
	for i := range src {
		src[i] = '#'
	}
	if !reflect.DeepEqual(got, any(m)) {
		t.Errorf("the message changed with the buffer it was decoded from")
	}
	first := mustAppend(t, c, nil, m)
	kept := bytes.Clone(first)
	m.Text, m.List[0] = "changed", -1
	mustAppend(t, c, nil, m)
	if !bytes.Equal(first, kept) {
		t.Errorf("encoding another message changed the one before")
	}
}

func checkConcurrent(t *testing.T, c tandem.Codec) {
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			var buf []byte
			m := sample()
			m.Int = g
			for range 200 {
				var err error
				if buf, err = c.Append(buf[:0], m); err != nil {
					t.Errorf("encode: %v", err)
					return
				}
				got, err := decodeNew(c, buf, m)
				if err != nil || !reflect.DeepEqual(got, any(m)) {
					t.Errorf("decode in goroutine %d: %+v, %v", g, got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
