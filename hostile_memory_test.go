package tandem_test

import (
	"testing"

	"github.com/tandem-ws/tandem"
)

// A few bytes must not hold kilobytes: they can be sent on ten thousand connections, again every thirty seconds.
func TestHostile_F9_beginningsAreCheap(t *testing.T) {
	const conns, most = 100, 8 << 10
	long, middling := uint64(60_000), uint64(20_000)
	for _, row := range []struct {
		name string
		rest []byte // as it stands on the wire
	}{
		{"nothing", nil},
		{"a byte of a header", []byte{0x82}},
		{"a header", (&rawPeer{}).bytes(rawFrame{op: opBinary, claim: &middling})},
		{"a byte of a message", (&rawPeer{}).bytes(rawFrame{op: opBinary, claim: &middling, payload: []byte("x")})},
		{"a byte of a long message", (&rawPeer{}).bytes(rawFrame{op: opBinary, claim: &long, payload: []byte("x")})},
		{"a byte of a fragment", (&rawPeer{}).bytes(rawFrame{op: opBinary, more: true, claim: &long, payload: []byte("x")})},
		{"a fragment", (&rawPeer{}).bytes(rawFrame{op: opBinary, more: true, payload: []byte("x")})},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := onLoopback(t, newBytes(tandem.Limits{}), plainHandler(drainBytes), nil)
			peers := make([]*rawPeer, conns)
			for i := range peers {
				peers[i] = s.open(t)
				peers[i].send(pingFrame("ready"))
				peers[i].expect(opPong, "ready")
			}
			before := heapInUse()
			for _, p := range peers {
				p.write(append(p.bytes(pingFrame("seen")), row.rest...))
			}
			for _, p := range peers {
				p.expect(opPong, "seen") // and what stood behind it in the same packet
			}
			if each := (int64(heapInUse()) - int64(before)) / conns; each > most {
				t.Errorf("%d bytes hold %d", len(row.rest), each)
			}
			for _, p := range peers {
				p.Conn.Close()
			}
		})
	}
}
