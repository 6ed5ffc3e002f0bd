package tandem

import "time"

// Limits bound what a connection may cost. The zero value of each field means its default; where a limit can be turned
// off, a negative value does that. Both sides of an endpoint enforce them, each on what it receives.
//
// How deep messages may be nested is the codec's to bound: see the Options of the codec packages.
type Limits struct {
	// MaxClientMessage is the longest message a client may send, in bytes. Past it the server closes with 1009, and the
	// client's Send fails with a TooBigError before anything is sent. Default 64 KiB.
	MaxClientMessage int
	// MaxServerMessage is the same for messages of the server. Default 1 MiB.
	MaxServerMessage int

	// MaxFragments is how many frames one message may be cut into; past it 1008. A browser joins them by itself and ignores
	// it. Default 1024.
	MaxFragments int
	// MessageTimeout is how long a message may take from its first byte to its last; past it 1008. A browser ignores
	// it. Default 30 s. Can be turned off.
	MessageTimeout time.Duration
	// FirstMessageTimeout is how soon after the handshake the first message must have come; past it 1008. The server
	// enforces it while the handler receives. Default off.
	FirstMessageTimeout time.Duration
	// MessageRate bounds the messages, pings and pongs that come in, ByteRate their bytes; past them 1008. The server
	// enforces them. Default off.
	MessageRate Rate
	ByteRate    Rate

	// PingInterval is how often a ping is sent, less up to a tenth at random. Default 25 s. Can be turned off.
	// Browsers send no pings, but answer them; they ignore both fields.
	PingInterval time.Duration
	// PongTimeout is how long the peer may stay silent after a ping; past it the connection is lost. Default 10 s.
	PongTimeout time.Duration

	// QueueMessages and QueueBytes bound what waits to be written on one connection; a message may go past the bytes
	// by its own length. What happens then is up to Overflow. Defaults 256 and 1 MiB.
	//
	// A browser counts what is sent as waiting until the program waits for something itself: there more than QueueMessages
	// cannot be sent in one go, unless Overflow makes Send wait.
	QueueMessages int
	QueueBytes    int
	// Overflow is what Send does when the queue is full. Default OverflowBlock.
	Overflow Overflow

	// WriteTimeout is how long the peer may take no bytes at all while some wait, and up to a quarter of that longer;
	// past it the connection is lost. A browser
	// looks only while Send waits, or messages are held to be dropped. Default 10 s. Can be turned off.
	WriteTimeout time.Duration
	// CloseTimeout bounds the close handshake. Default 5 s.
	CloseTimeout time.Duration
}

// Rate is a bound for how often something may happen: a bucket of Burst tokens, filled with PerSecond tokens a second.
// The zero value is no bound. A Burst of 0 means one second's worth, and at least one message of any length.
type Rate struct {
	PerSecond float64
	Burst     float64
}

// Overflow says what Send does when the queue of outgoing messages is full.
type Overflow uint8

const (
	// OverflowBlock waits for room as long as the context allows.
	OverflowBlock Overflow = iota
	// OverflowDropOldest makes room by dropping the messages that have waited longest: for feeds where only the
	// newest counts.
	OverflowDropOldest
	// OverflowClose closes the connection with 1013: the peer is to come back when it can keep up.
	OverflowClose
	// OverflowRefuse has Send return [ErrQueueFull] at once. The connection is unharmed.
	OverflowRefuse
)

// orDefault gives the value to use for a limit: its default for zero, zero (off) for a negative value.
func orDefault[T ~int | ~int64](v, def T) T {
	switch {
	case v == 0:
		return def
	case v < 0:
		return 0
	}
	return v
}

// withDefaults gives the limits with every default filled in and 0 for what is turned off.
func (l Limits) withDefaults() Limits {
	return Limits{
		MaxClientMessage:    orDefault(l.MaxClientMessage, 64<<10),
		MaxServerMessage:    orDefault(l.MaxServerMessage, 1<<20),
		MaxFragments:        orDefault(l.MaxFragments, 1024),
		MessageTimeout:      orDefault(l.MessageTimeout, 30*time.Second),
		FirstMessageTimeout: orDefault(l.FirstMessageTimeout, 0),
		MessageRate:         l.MessageRate.withDefaults(1),
		ByteRate:            l.ByteRate.withDefaults(orDefault(l.MaxClientMessage, 64<<10)),
		PingInterval:        orDefault(l.PingInterval, 25*time.Second),
		PongTimeout:         orDefault(l.PongTimeout, 10*time.Second),
		QueueMessages:       orDefault(l.QueueMessages, 256),
		QueueBytes:          orDefault(l.QueueBytes, 1<<20),
		Overflow:            l.Overflow,
		WriteTimeout:        orDefault(l.WriteTimeout, 10*time.Second),
		CloseTimeout:        orDefault(l.CloseTimeout, 5*time.Second),
	}
}

// check refuses limits that cannot be turned off or make no sense.
func (l Limits) check() error {
	for _, v := range []struct {
		name string
		n    int64
	}{
		{"MaxClientMessage", int64(l.MaxClientMessage)},
		{"MaxServerMessage", int64(l.MaxServerMessage)},
		{"MaxFragments", int64(l.MaxFragments)},
		{"PongTimeout", int64(l.PongTimeout)},
		{"QueueMessages", int64(l.QueueMessages)},
		{"QueueBytes", int64(l.QueueBytes)},
		{"CloseTimeout", int64(l.CloseTimeout)},
	} {
		if v.n < 0 {
			return &limitError{v.name, "cannot be turned off"}
		}
	}
	switch {
	case l.Overflow > OverflowRefuse:
		return &limitError{"Overflow", "is none of the four policies"}
	case !l.MessageRate.valid(1):
		return &limitError{"MessageRate", "lets nothing pass, or has a Burst without PerSecond"}
	case !l.ByteRate.valid(1):
		return &limitError{"ByteRate", "lets nothing pass, or has a Burst without PerSecond"}
	}
	return nil
}

// valid reports whether the rate is no bound, or one that lets something of the given size pass.
func (r Rate) valid(size float64) bool {
	if r.PerSecond == 0 {
		return r.Burst == 0
	}
	return r.PerSecond > 0 && (r.Burst == 0 || r.Burst >= size)
}

type limitError struct{ name, fault string }

func (e *limitError) Error() string { return "Limits." + e.name + " " + e.fault }

func (r Rate) withDefaults(least int) Rate {
	if r.Burst == 0 && r.PerSecond > 0 {
		r.Burst = max(r.PerSecond, float64(least))
	}
	return r
}
