package fault

import "time"

// Faults sets the faults of the directions given to [Proxy.On]. Its methods return it, so that calls can be chained.
// Every fault is independent of the others and stays until it is set again or Clear is called.
type Faults struct {
	proxy     *Proxy
	direction Direction
}

// On returns the faults of a direction, or of [Both] to set them alike. It panics if d is not a Direction.
func (p *Proxy) On(d Direction) Faults {
	_ = d.indexes()
	return Faults{p, d}
}

// Delay delivers bytes d after they were sent, give or take a random part of jitter. Their order is kept, so a byte
// never comes before one sent earlier. It acts on bytes sent from now on. Default: 0, 0.
func (f Faults) Delay(d, jitter time.Duration) Faults {
	return f.set(func(s *settings) { s.delay, s.jitter = max(d, 0), max(jitter, 0) })
}

// Bandwidth delivers at most this many bytes per second, for each connection by itself. Zero or less means no limit;
// what stands still is Hold. Default: 0.
func (f Faults) Bandwidth(bytesPerSecond int) Faults {
	return f.set(func(s *settings) { s.bandwidth = max(bytesPerSecond, 0) })
}

// Slice delivers the bytes in random pieces of 1 to maxPiece bytes, a microsecond apart so that a reader who waits sees
// each. The seed alone decides where the pieces end. Zero or less means as they come. Default: 0.
func (f Faults) Slice(maxPiece int) Faults {
	return f.set(func(s *settings) { s.slice = max(maxPiece, 0) })
}

// Corrupt changes each byte, with this probability, into another. It acts on bytes sent from now on. Default: 0.
func (f Faults) Corrupt(probability float64) Faults {
	return f.set(func(s *settings) { s.corrupt = probability })
}

// CutAfter ends a connection in an orderly way when exactly n bytes were delivered in this direction since it began:
// the receiver reads n bytes, then io.EOF. The sender gets what is under way to it, then io.EOF. What either sends
// afterwards is lost, and its writes fail after a moment. The end comes a millisecond behind the last byte, as that of
// ResetAfter. A connection already beyond n ends now. A negative n means never. Default: -1.
func (f Faults) CutAfter(n int64) Faults {
	return f.set(func(s *settings) { s.cutAfter = max(n, -1) })
}

// CutIdle ends a connection as CutAfter does when no byte was delivered in this direction for d, as the idle timeout
// of a proxy does. Zero or less means never. Default: 0.
func (f Faults) CutIdle(d time.Duration) Faults {
	return f.set(func(s *settings) { s.cutIdle = max(d, 0) })
}

// ResetAfter resets a connection (TCP RST, at both ends) when exactly n bytes were delivered in this direction since it
// began. It waits a millisecond before it does, because a reset may destroy bytes that were not read: a receiver who
// reads at once gets all n, then syscall.ECONNRESET. A connection already beyond n is reset now. A negative n means
// never. Default: -1.
func (f Faults) ResetAfter(n int64) Faults {
	return f.set(func(s *settings) { s.resetAfter = max(n, -1) })
}

// Hold stops the flow and closes nothing, as an unplugged cable does: the receiver hears neither bytes nor an end of
// stream nor a reset, while the sender's writes succeed until Options.Buffer and the system's buffers are full. On
// [Both] it makes a half-open connection. [Proxy.Kill] and [Proxy.Close] end held connections too.
func (f Faults) Hold() Faults {
	return f.set(func(s *settings) { s.held = true })
}

// Block is Hold by the name it has when one direction is blocked and the other goes on, as a bad firewall rule does.
// The bytes are not discarded: they stay, for ever, until Release.
func (f Faults) Block() Faults { return f.Hold() }

// Release ends Hold and Block. What was held is delivered, in order.
func (f Faults) Release() Faults {
	return f.set(func(s *settings) { s.held = false })
}

// Clear takes all faults away.
func (f Faults) Clear() Faults {
	return f.set(func(s *settings) { *s = noFaults })
}

func (f Faults) set(change func(*settings)) Faults {
	for _, i := range f.direction.indexes() {
		f.proxy.faults[i].change(change)
		for _, l := range f.proxy.current() {
			l.lanes[i].interrupt()
		}
	}
	return f
}
