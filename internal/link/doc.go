// Package link ties a session to its sockets. A [Link] looks to its user like one connection: the sockets below it come
// and go, and internal/session decides what that means.
//
// # Who reads
//
// Whoever receives reads the socket himself, as on a plain connection, so that a connection which only waits for
// messages has no goroutine but the receiver's. When nobody receives and something has come all the same - messages,
// acknowledgements for a sender who waits - the pump reads: a goroutine that puts messages into the inbox, which the
// session's window bounds, and leaves when somebody receives. Volatile messages, which no window bounds, push out the oldest
// of their kind.
//
// # Locks
//
// Link.mu guards the session and all that belongs to it. It is held while frames are written, because their order is
// the session's; writing never blocks, because the sockets of sessions queue without a bound of their own: the window
// is the bound. It is not held while anybody reads, waits or runs code of the application.
package link
