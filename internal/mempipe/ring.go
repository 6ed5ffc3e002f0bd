package mempipe

// minRing is the first size of a ring: a small message and its reply need no second one.
const minRing = 512

// ring is a bounded byte queue that grows by doubling up to max and never shrinks.
type ring struct {
	buf   []byte
	start int // where in buf the oldest byte is
	len   int
	max   int
}

// write appends what fits and returns its length.
func (r *ring) write(p []byte) int {
	p = p[:min(len(p), r.max-r.len)]
	if len(p) == 0 {
		return 0
	}
	if need := r.len + len(p); need > len(r.buf) {
		r.grow(need)
	}
	end := r.start + r.len
	if end >= len(r.buf) {
		end -= len(r.buf)
	}
	n := copy(r.buf[end:], p)
	copy(r.buf, p[n:])
	r.len += len(p)
	return len(p)
}

// read takes the oldest bytes that fit into p and returns their number.
func (r *ring) read(p []byte) int {
	n := r.peek(p)
	r.len -= n
	r.start += n
	if r.start >= len(r.buf) {
		r.start -= len(r.buf)
	}
	if r.len == 0 {
		r.start = 0 // the next bytes go to the front again, so that small traffic stays in the same cache lines
	}
	return n
}

func (r *ring) peek(p []byte) int {
	p = p[:min(len(p), r.len)]
	n := copy(p, r.buf[r.start:])
	n += copy(p[n:], r.buf)
	return n
}

func (r *ring) grow(need int) {
	size := max(len(r.buf), minRing)
	for size < need {
		size *= 2
	}
	buf := make([]byte, min(size, r.max))
	r.peek(buf)
	r.buf, r.start = buf, 0
}

// drop forgets the bytes and gives the memory back. The ring can be used again.
func (r *ring) drop() {
	r.buf, r.start, r.len = nil, 0, 0
}
