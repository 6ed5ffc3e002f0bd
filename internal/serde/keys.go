package serde

import (
	"bytes"
	"slices"
)

// Keys finds keys that come twice in maps that are skipped, where nothing else would notice. It compares the encoded
// keys. Its cost is proportional to the bytes of the keys, times the logarithm of their number.
type Keys struct{ spans []span }

// maxKeptKeys bounds what a pooled reader keeps.
const maxKeptKeys = 1024

// Mark begins a map. Its result goes to Twice.
func (k *Keys) Mark() int { return len(k.spans) }

// Add notes the key src[from:to].
func (k *Keys) Add(from, to int) { k.spans = append(k.spans, span{at: from, mid: to}) }

// Twice ends the map begun by Mark and gives the offset of a key that came before, or -1.
func (k *Keys) Twice(src []byte, mark int) int {
	spans := k.spans[mark:]
	k.spans = k.spans[:mark]
	if len(spans) < 2 {
		return -1
	}
	slices.SortFunc(spans, func(a, b span) int {
		if c := bytes.Compare(src[a.at:a.mid], src[b.at:b.mid]); c != 0 {
			return c
		}
		return a.at - b.at
	})
	for i := 1; i < len(spans); i++ {
		if a, b := spans[i-1], spans[i]; bytes.Equal(src[a.at:a.mid], src[b.at:b.mid]) {
			return b.at
		}
	}
	return -1
}

// Reset forgets everything and lets go of room a large message needed.
func (k *Keys) Reset() {
	if cap(k.spans) > maxKeptKeys {
		k.spans = nil
	}
	k.spans = k.spans[:0]
}
