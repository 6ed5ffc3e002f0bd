package engine

import "time"

// Overflow says what becomes of a message when the outgoing queue is full.
type Overflow uint8

// What to do with a full queue.
const (
	Block      Overflow = iota // wait for room, as long as the context allows
	DropOldest                 // make room by dropping the messages that have waited longest
	CloseSlow                  // close the connection with 1013
	Refuse                     // return wire.ErrQueueFull
)

// Rate is a token bucket: Burst tokens at most, PerSecond new ones each second. The zero value is no limit.
type Rate struct {
	PerSecond float64
	Burst     float64
}

// Config is what the connections of one endpoint have in common. Every duration and size is used as it stands: who
// fills it in has replaced zeros by defaults. Negative or zero means "off" where a limit can be off.
type Config struct {
	// Client makes this the client's end: what goes out is masked, what comes in must not be.
	Client bool

	MaxMessage          int64         // incoming message, bytes; never off
	MaxSend             int64         // outgoing message, bytes; refused before it is sent
	MaxFragments        int           // frames one message may be cut into
	MessageTimeout      time.Duration // from a message's first byte to its last
	FirstMessageTimeout time.Duration // from the start to the end of the first message; off when 0

	PingInterval time.Duration // silence after which a ping is sent; off when 0
	PongTimeout  time.Duration // silence after the ping that ends the connection

	WriteTimeout time.Duration // for the peer to take any bytes at all
	CloseTimeout time.Duration // for the close handshake

	QueueMessages int
	QueueBytes    int
	Overflow      Overflow

	// Patrol looks after connections that nobody receives on. nil: each has a timer for that.
	Patrol *Patrol

	// Sweeper writes what is put off. nil: a goroutine is started for it each time.
	Sweeper *Sweeper

	MessageRate Rate // messages and pings that may come in
	ByteRate    Rate // bytes of messages that may come in
}
