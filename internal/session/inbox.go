package session

// inbox counts what comes in and what the application has taken. The messages themselves are the caller's.
type inbox struct {
	limit Window
	got   uint64   // the highest number so far
	taken uint64   // the application has taken all up to here
	done  uint64   // and is done with all up to here
	acked uint64   // and the peer has been told up to here
	bytes uint64   // of the payloads between taken and got
	atIt  uint64   // of those between done and taken
	owed  uint64   // of those between acked and done
	skips []uint64 // numbers above taken that nobody takes, in order

	durable bool   // only what is stored is told
	firm    uint64 // and this much of taken is
}

// arrival is what a number means.
type arrival uint8

const (
	fresh arrival = iota
	repeated
	hole
	overrun
)

// arrive counts the frame if it is the next one.
func (in *inbox) arrive(s uint64, size int) arrival {
	switch {
	case s <= in.got:
		return repeated
	case s != in.got+1:
		return hole
	}
	n := in.got - in.taken
	if n >= in.limit.N || n > 0 && in.bytes+uint64(size) > in.limit.Bytes {
		return overrun
	}
	in.got = s
	in.bytes += uint64(size)
	return fresh
}

// skip has the frame that arrived last taken as soon as all before it are.
func (in *inbox) skip(size int) {
	in.bytes -= uint64(size)
	if in.taken+1 == in.got {
		if in.done == in.taken {
			in.done = in.got
		}
		in.taken = in.got
	} else {
		in.skips = append(in.skips, in.got)
	}
}

// take counts the next message as taken, and what is to be skipped behind it.
func (in *inbox) take(size int) {
	in.taken++
	in.bytes -= uint64(size)
	in.atIt += uint64(size)
	i := 0
	for i < len(in.skips) && in.skips[i] == in.taken+1 {
		in.taken++
		i++
	}
	if i > 0 {
		in.skips = append(in.skips[:0], in.skips[i:]...)
	}
}

// finish counts what is taken as done.
func (in *inbox) finish() {
	in.done = in.taken
	in.owed, in.atIt = in.owed+in.atIt, 0
}

// maxAckEvery bounds how many messages one ack stands for: often enough that a window of 256 does not run dry.
const maxAckEvery = 32

// due tells whether so much is done that an ack goes out without waiting for the clock.
func (in *inbox) due() bool {
	every := min(max(in.limit.N/4, 1), maxAckEvery)
	return in.sure()-in.acked >= every || in.owed > 0 && in.owed >= in.limit.Bytes/4
}

// sure is up to where the peer may be told that all is done.
func (in *inbox) sure() uint64 {
	if in.durable {
		return in.firm
	}
	return in.done
}

// told notes that the peer has been told all.
func (in *inbox) told() { in.acked, in.owed = in.sure(), 0 }
