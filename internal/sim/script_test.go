package sim_test

import (
	"time"

	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// script has things go wrong until the world's time is up.
func (w *world) script() {
	r := w.rng
	pause := []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}[r.IntN(3)]
	for end := w.began.Add(w.length); time.Now().Before(end); {
		pass(time.Duration(r.Int64N(int64(2 * pause))))
		both := []fault.Direction{fault.Both, fault.ClientToServer, fault.ServerToClient}[r.IntN(3)]
		switch r.IntN(11) {
		case 0:
			w.logf("cut")
			w.net.Kill()
		case 1, 2: // at a byte, again and again
			at := r.Int64N(2000)
			w.logf("cut %v after %d bytes", both, at)
			if r.IntN(2) == 0 {
				w.net.On(both).CutAfter(at)
			} else {
				w.net.On(both).ResetAfter(at)
			}
			pass(time.Duration(r.Int64N(int64(5 * time.Second))))
			w.net.On(fault.Both).Clear()
		case 3: // half open
			w.logf("hold %v", both)
			w.net.On(both).Hold()
			pass(time.Duration(r.Int64N(int64(time.Minute))))
			if r.IntN(2) == 0 {
				w.net.Kill()
			}
			w.net.On(fault.Both).Clear()
			w.logf("held no more")
		case 4:
			w.outage(time.Duration(r.Int64N(int64(w.policy.Keep))))
		case 5: // as long as a session is kept, to the millisecond
			w.outage(w.policy.Keep + time.Duration(r.IntN(5)-2)*time.Millisecond)
		case 6:
			w.net.On(both).Delay(time.Duration(r.IntN(300))*time.Millisecond, time.Duration(r.IntN(100))*time.Millisecond)
			w.net.On(both).Slice(r.IntN(20))
		case 7:
			w.net.On(fault.Both).Clear()
		case 8:
			w.logf("stop")
			w.current().Stop()
			w.count(&w.stops, 1)
			w.reopen()
		case 9:
			w.logf("kill")
			w.current().Kill()
			w.count(&w.kills, 1)
			w.reopen()
		case 10:
			w.steal()
		}
	}
}

func (w *world) outage(d time.Duration) {
	w.logf("down for %v", d)
	w.net.Down()
	pass(d)
	w.net.Up()
	w.logf("up")
}

// reopen starts a server after a while.
func (w *world) reopen() {
	if w.rng.IntN(2) == 0 {
		pass(time.Duration(w.rng.Int64N(int64(20 * time.Second))))
	}
	w.start()
	w.logf("started")
}
