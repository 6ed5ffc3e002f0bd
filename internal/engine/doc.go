// Package engine runs the websocket protocol (RFC 6455) over a byte stream, for the server's end and the native
// client's alike. It knows frames, limits, deadlines, queues and the close handshake; it knows neither message types
// nor net/http.
//
// # Goroutines
//
// A connection has none of its own while somebody waits in [Conn.Next]. These come and go:
//
//   - the flusher writes what a socket would not take at once; it ends when the queue is empty or the connection ends;
//   - the watcher reads control frames while nobody is in Next, so that pings are answered and a close is noticed;
//     it ends when Next is called, when data arrives, or when the connection ends;
//   - the timer (time.AfterFunc) sends pings and judges a silent peer; it, or where connections of an endpoint share one the
//     [Patrol], starts the watcher;
//   - the [Sweeper], one for an endpoint, writes answers that were put off.
//
// # Locks
//
// The right to read (right.go) is with whoever reads the socket: Next, the watcher or Close. The right to write is a bit
// of writer.word. writer.mu guards the outgoing queue and the connection's state; it is never held during a system
// call or while foreign code runs. The right to read is taken before writer.mu.
package engine
