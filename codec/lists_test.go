package codec_test

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

// Lists of every length come back as they were, of elements that grow with the list or shrink, and have little room to spare.
func TestLists_everyLength(t *testing.T) {
	type message struct {
		Structs []struct{ A, B int64 }
		Texts   []string
		Ints    []int
		Bytes   []int8
		Any     []any
		Empty   []struct{}
		Rest    string
	}
	eachCodec(t, func(t *testing.T, c tandem.Codec) {
		for n := range 600 {
			m := message{
				Structs: make([]struct{ A, B int64 }, n), Texts: make([]string, n), Ints: make([]int, n), Bytes: make([]int8, n),
				Any: make([]any, n), Empty: make([]struct{}, n), Rest: strings.Repeat("x", 7*n),
			}
			for i := range n {
				m.Structs[i].A, m.Texts[i], m.Ints[i], m.Bytes[i], m.Any[i] = int64(i), strings.Repeat("y", n-i), 1<<(i%60), int8(i), "z"
			}
			p, err := c.Append(nil, &m)
			assert.NoError(t, err)
			var back message
			assert.NoError(t, c.Decode(p, &back))
			assert.Equal(t, back, m)
			for _, room := range []int{cap(back.Structs), cap(back.Texts), cap(back.Ints), cap(back.Any)} {
				assert.True(t, room <= max(8, 2*n), "room for %d in a list of %d", room, n)
			}
		}
	})
}

// A list that does not tell its length takes little more than its size while it grows.
func TestLists_takeTheirSize(t *testing.T) {
	type element struct {
		ID                int64
		Name, Title, Text string
		Tags              [8]float64
	}
	list := make([]element, 300)
	for i := range list {
		list[i] = element{ID: int64(i), Name: "Ada", Title: strings.Repeat("t", i%30), Text: "text"}
	}
	p, err := json.Codec.Append(nil, &list)
	assert.NoError(t, err)
	var back []element
	assert.NoError(t, json.Codec.Decode(p, &back)) // the first time the type is looked at
	before := memory().TotalAlloc
	assert.NoError(t, json.Codec.Decode(p, &back))
	used, size := memory().TotalAlloc-before, uint64(len(list))*uint64(unsafe.Sizeof(element{}))
	assert.True(t, used < size*7/4, "%d bytes for a list of %d", used, size)
}
