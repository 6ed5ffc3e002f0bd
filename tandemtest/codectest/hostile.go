package codectest

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/tandem-ws/tandem"
)

func checkTrailing(t *testing.T, c tandem.Codec) {
	m := sample()
	src := mustAppend(t, c, nil, m)
	for _, tail := range []string{"\x00", "\xff", "1", "x", "{}", "\xc0"} {
		if _, err := decodeNew(c, append(slices.Clip(src), tail...), m); err == nil {
			t.Errorf("%q behind the message was ignored", tail)
		}
	}
	if _, err := decodeNew(c, append(slices.Clip(src), src...), m); err == nil {
		t.Error("a second message behind the first was ignored")
	}
}

func checkTruncated(t *testing.T, c tandem.Codec) {
	m := sample()
	src := mustAppend(t, c, nil, m)
	for n := range src {
		if _, err := decodeNew(c, src[:n:n], m); err == nil {
			t.Errorf("%d of %d bytes were taken for a message", n, len(src))
		}
	}
}

// checkOffset holds errors that tell where they are to their word.
func checkOffset(t *testing.T, c tandem.Codec) {
	m := sample()
	src := mustAppend(t, c, nil, m)
	for n := range src {
		bad := append([]byte(nil), src...)
		bad[n] ^= 0xff
		_, err := decodeNew(c, bad, m)
		if at, ok := errors.AsType[interface {
			error
			Offset() int
		}](err); ok && (at.Offset() < 0 || at.Offset() > len(bad)) {
			t.Errorf("the error %q is at offset %d of %d bytes", err, at.Offset(), len(bad))
		}
	}
}

// claims are short messages that declare much, in the encodings people use. To a codec that does not know one it is
// garbage, which must be refused just as cheaply.
var claims = []string{
	"\x9a\x7f\xff\xff\xff", "\x9b\x00\xff\xff\xff\xff\xff\xff\xff", "\xba\x7f\xff\xff\xff", "\x5a\x7f\xff\xff\xff", "\x7a\x7f\xff\xff\xff", // CBOR
	"\xdd\x7f\xff\xff\xff", "\xdf\x7f\xff\xff\xff", "\xc6\x7f\xff\xff\xff", "\xdb\x7f\xff\xff\xff", "\xc9\x7f\xff\xff\xff\x01", // MessagePack
	"\x99\xff\xff\x99\xff\xff\x99\xff\xff\x99\xff\xff", "\xdc\xff\xff\xdc\xff\xff\xdc\xff\xff\xdc\xff\xff", // nested
	"\x0a\xff\xff\xff\xff\x07", "\xff\xff\xff\xff\xff\xff\xff\xff\x7f", // lengths as protocol buffers write them
	"\x7f\xff\xff\xff", "\xfb\xff\xff\xff\xff\xff\xff\xff\x7f",
	"[1e999999999", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
}

// maxClaimCost is what refusing one claim may allocate: generous, and far from what the claims ask for.
const maxClaimCost = 1 << 20

func checkClaims(t *testing.T, c tandem.Codec) {
	targets := []any{new([]int), new([]string), new([]byte), new(string), new(map[string]string), new([][]int), new(any), new(Message)}
	for _, target := range targets {
		mustAppend(t, c, nil, target) // compile, so that only decoding is measured below
		for _, src := range claims {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _ = decodeNew(c, []byte(src), target) // some are complete messages in some codec
			runtime.ReadMemStats(&after)
			if cost := after.TotalAlloc - before.TotalAlloc; cost > maxClaimCost {
				t.Errorf("%q cost %d bytes of memory as %T", src, cost, target)
			}
		}
	}
}
