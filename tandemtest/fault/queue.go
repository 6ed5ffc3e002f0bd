package fault

import (
	"sync"
	"time"
)

// chunk is bytes on their way, or the end of the stream.
type chunk struct {
	data []byte
	end  bool
	due  time.Time
}

// queue holds what is on its way in one direction. One goroutine puts, one takes; anybody may seal.
type queue struct {
	filled chan struct{} // has an element after a put or a seal
	freed  chan struct{} // has an element after a take or a seal

	mu     sync.Mutex // guards everything below
	chunks []chunk
	room   int
	sealed bool
}

func (q *queue) init(size int) {
	q.filled, q.freed, q.room = make(chan struct{}, 1), make(chan struct{}, 1), size
}

// space returns how many bytes may be put. It is sealed if what is put goes nowhere.
func (q *queue) space() (n int, sealed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.room, q.sealed
}

func (q *queue) put(c chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.sealed {
		return
	}
	q.chunks = append(q.chunks, c)
	q.room -= len(c.data)
	q.sealed = c.end
	signal(q.filled)
}

// seal puts the end of the stream behind what is there. Whatever is put afterwards is lost.
func (q *queue) seal(due time.Time) {
	q.put(chunk{end: true, due: due})
	signal(q.freed)
}

func (q *queue) first() (c chunk, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.chunks) == 0 {
		return chunk{}, false
	}
	return q.chunks[0], true
}

// take removes n bytes of the first chunk.
func (q *queue) take(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := &q.chunks[0]
	c.data = c.data[n:]
	q.room += n
	if len(c.data) == 0 {
		q.chunks[0] = chunk{}
		q.chunks = q.chunks[1:]
	}
	signal(q.freed)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
