package codec_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

// Short texts share memory. Whoever keeps them, of many messages that are decoded at once, finds what the messages said.
func TestTexts_stayAsTheyWere(t *testing.T) {
	type message struct {
		A    string
		List []string
		Map  map[string]string
		Any  any
	}
	eachCodec(t, func(t *testing.T, c tandem.Codec) {
		var wg sync.WaitGroup
		var sent, got [4][200]message
		var failed [4]error
		for g := range sent {
			wg.Go(func() {
				for i := range sent[g] {
					text := func(n int) string { return strings.Repeat(fmt.Sprintf("%d.%d - ", g, i), 18)[:n%70] }
					m := message{text(i) + "é", []string{text(3 * i), text(5 * i)}, map[string]string{text(i) + "k": text(7 * i)}, text(11 * i)}
					sent[g][i] = m
					p, err := c.Append(nil, &m)
					if err == nil {
						err = c.Decode(p, &got[g][i])
						clear(p) // the buffer belongs to others afterwards
					}
					failed[g] = errors.Join(failed[g], err)
				}
			})
		}
		wg.Wait()
		assert.Equal(t, failed, [4]error{})
		assert.Equal(t, got, sent)
	})
}

// A text that is kept, of messages that are not, holds on to 512 bytes at most.
func TestTexts_keepLittle(t *testing.T) {
	eachCodec(t, func(t *testing.T, c tandem.Codec) {
		p, err := c.Append(nil, &[]string{"kept", strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 50), strings.Repeat("d", 5000)})
		assert.NoError(t, err)
		kept := make([]string, 4000)
		runtime.GC()
		before := memory().HeapAlloc
		for i := range kept {
			var m []string
			assert.NoError(t, c.Decode(p, &m))
			kept[i] = m[0]
		}
		runtime.GC()
		each := (memory().HeapAlloc - before) / uint64(len(kept))
		assert.True(t, each <= 600, "a kept text holds %d bytes", each)
		runtime.KeepAlive(kept)
	})
}

// Of ten fields, texts among them and a list, the list is allocated, and now and then a block: by itself each text made it twelve.
// Under the race detector pools lose things on purpose.
func TestTexts_allocateLittle(t *testing.T) {
	eachCodec(t, func(t *testing.T, c tandem.Codec) {
		p, err := c.Append(nil, newTenFields())
		assert.NoError(t, err)
		var m tenFields
		n := testing.AllocsPerRun(100, func() { _ = c.Decode(p, &m) })
		assert.True(t, n <= 6, "%v allocations", n)
	})
}

func eachCodec(t *testing.T, f func(*testing.T, tandem.Codec)) {
	t.Helper()
	for _, c := range []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec} {
		t.Run(c.Name(), func(t *testing.T) { f(t, c) })
	}
}
