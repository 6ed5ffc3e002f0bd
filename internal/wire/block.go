package wire

import "sync"

// HeaderRoom is what [GetBlock] leaves free in front of a message for the frame header: the longest header of
// RFC 6455 is 2 bytes, 8 of length and 4 of mask.
const HeaderRoom = 14

// Block is a buffer on loan from a pool. Whoever holds it owns it, and gives it back with [Block.Free].
type Block struct {
	// B is the buffer. It may be replaced, by append for instance.
	B []byte
	// From is where the message being encoded begins. Sole says that whoever encodes it is the only one to do so on
	// its connection. Both are the engine's, and mean nothing while no message is encoded.
	From int
	Sole bool
	// In and Out are values that messages are decoded into and encoded from, if there have been any. They stay with
	// buffers, because one is at hand whenever a message is: no connection keeps them while it is idle, as fields
	// would, and a pool of their own costs 12 ns a message.
	In, Out any
}

// The pool's size classes. 32 KiB is the read buffer: pipelined 1 KiB messages cost a third of what they cost with
// 8 KiB, and 64 KiB gains nothing more. Larger buffers are not kept, so that one huge message does not stay for ever.
var classes = [...]int{512, 4 << 10, 32 << 10, 72 << 10, 256 << 10, 1<<20 + 4<<10}

var pools [len(classes)]sync.Pool

// GetBlock lends a block of at least the given capacity and length 0.
func GetBlock(capacity int) *Block {
	for i, size := range classes {
		if capacity > size {
			continue
		}
		if b, ok := pools[i].Get().(*Block); ok {
			return b
		}
		return &Block{B: make([]byte, 0, size)}
	}
	return &Block{B: make([]byte, 0, capacity)}
}

// Free gives the block back; neither it nor slices of it may be used after. A nil block is allowed.
func (b *Block) Free() {
	if b == nil {
		return
	}
	c := cap(b.B)
	if c > classes[len(classes)-1] {
		return
	}
	for i := len(classes) - 1; i >= 0; i-- {
		if c >= classes[i] {
			b.B = b.B[:0]
			pools[i].Put(b)
			return
		}
	}
}

// Grow makes room for n more bytes behind the block's length, moving to a larger buffer when needed.
func (b *Block) Grow(n int) {
	if need := len(b.B) + n; need > cap(b.B) {
		larger := GetBlock(need)
		larger.B = append(larger.B, b.B...)
		b.B, larger.B = larger.B, b.B
		larger.Free()
	}
}
