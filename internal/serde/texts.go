package serde

// texts are where short texts come to lie, one behind the other: to allocate each by itself is a good part of what it costs to
// decode a small message. Who keeps one of them keeps its block, so blocks are small.
type texts struct {
	block []byte // what has been handed out; the next goes behind it
}

const (
	textBlock = 512 // of memory may one kept text hold on to
	shortText = 64
)

// add gives b as a string.
func (t *texts) add(b []byte) string {
	n := len(b)
	if n > shortText || n < 2 { // a single byte allocates nothing
		return string(b)
	}
	if n > cap(t.block)-len(t.block) {
		t.block = make([]byte, 0, textBlock)
	}
	from := len(t.block)
	t.block = append(t.block, b...)
	return textOf(t.block[from:])
}
