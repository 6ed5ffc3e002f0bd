//go:build js

package jsws

import "time"

// Overflow says what becomes of a message when the outgoing queue is full.
type Overflow uint8

// What to do with a full queue, in the order of engine.Overflow.
const (
	Block      Overflow = iota // wait for room, as long as the context allows
	DropOldest                 // make room by dropping the messages that have waited longest
	CloseSlow                  // close the connection with 1013
	Refuse                     // return wire.ErrQueueFull
)

// Config is what the connections of one endpoint have in common. As in the engine, everything is used as it stands; what
// the engine's has beside it is the browser's business, or the server's.
type Config struct {
	MaxMessage int64 // incoming message, bytes; never off
	MaxSend    int64 // outgoing message, bytes; off when 0

	WriteTimeout time.Duration // for the browser to get rid of any bytes at all, while somebody waits for that; off when 0
	CloseTimeout time.Duration // for the close handshake

	QueueMessages int
	QueueBytes    int
	Overflow      Overflow
}
