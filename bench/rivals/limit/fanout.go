package limit

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/tandem-ws/tandem/bench/frame"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// inline writes a frame that is encoded once to each connection in turn.
type inline struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func newInline() rival.Fanout { return &inline{conns: map[net.Conn]struct{}{}} }

func (f *inline) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, br, err := rival.Hijack(w, r)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.conns[conn] = struct{}{}
	f.mu.Unlock()
	go func() {
		drain(conn, br)
		f.mu.Lock()
		delete(f.conns, conn)
		f.mu.Unlock()
	}()
}

// drain reads until the peer leaves.
func drain(conn net.Conn, br *bufio.Reader) {
	defer conn.Close()
	for {
		op, n, _, err := readHeader(br)
		if err != nil || op == frame.Close {
			return
		}
		if _, err := io.CopyN(io.Discard, br, int64(n)); err != nil {
			return
		}
	}
}

func (f *inline) Publish(payload []byte, times int) {
	b := Head(append(make([]byte, room), payload...), frame.Text)
	f.mu.Lock()
	defer f.mu.Unlock()
	for range times {
		for conn := range f.conns {
			_, _ = conn.Write(b) // a peer that has left is removed by its reader
		}
	}
}

// queued lets frames wait on each connection; a goroutine started on demand writes all of them with one writev.
type queued struct {
	mu    sync.Mutex
	conns map[*queue]struct{}
}

type queue struct {
	conn net.Conn
	mu   sync.Mutex
	wait net.Buffers
	busy bool
	run  func()
}

func newQueued() rival.Fanout { return &queued{conns: map[*queue]struct{}{}} }

func (f *queued) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, br, err := rival.Hijack(w, r)
	if err != nil {
		return
	}
	q := &queue{conn: conn}
	q.run = q.write
	f.mu.Lock()
	f.conns[q] = struct{}{}
	f.mu.Unlock()
	go func() {
		drain(conn, br)
		f.mu.Lock()
		delete(f.conns, q)
		f.mu.Unlock()
	}()
}

func (f *queued) Publish(payload []byte, times int) {
	b := Head(append(make([]byte, room), payload...), frame.Text)
	f.mu.Lock()
	defer f.mu.Unlock()
	for range times {
		for q := range f.conns {
			q.put(b)
		}
	}
}

func (q *queue) put(b []byte) {
	q.mu.Lock()
	q.wait = append(q.wait, b)
	start := !q.busy
	q.busy = true
	q.mu.Unlock()
	if start {
		go q.run()
	}
}

func (q *queue) write() {
	var spare net.Buffers
	for {
		q.mu.Lock()
		batch := q.wait
		if len(batch) == 0 {
			q.busy = false
			q.mu.Unlock()
			return
		}
		q.wait = spare
		q.mu.Unlock()
		left := batch
		if _, err := left.WriteTo(q.conn); err != nil {
			return
		}
		spare = batch[:0]
	}
}
