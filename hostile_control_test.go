package tandem_test

import (
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// F10: pings for ever, and nobody who reads the answers. One answer waits, the memory stays what it is, and the write
// deadline ends it.
func TestHostile_F10_pingFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, ended := handled(drainBytes)
		s := inMemoryBuffer(t, 4<<10, newBytes(tandem.Limits{PingInterval: -1}), handler, nil)
		p := s.open(t)
		before := heapInUse()
		began := time.Now()
		flood := p.bytes(pingFrame(strings.Repeat("p", 125)))
		for range 60_000 {
			p.write(flood)
		}
		synctest.Wait()
		if grown := int64(heapInUse()) - int64(before); grown > 2<<20 {
			t.Errorf("the heap has grown by %d bytes", grown)
		}
		err := <-ended
		assert.ErrorIs(t, err, tandem.ErrLost)
		// The first write took some bytes, so the peer had not been idle for all of its deadline.
		took(t, began, 10*time.Second, 20*time.Second)
	})
}

// heapInUse is how many bytes are in use.
func heapInUse() uint64 {
	runtime.GC() // once for each generation of a sync.Pool
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// F10: of many pings the newest is answered, and answers come in order.
func TestHostile_F10_newestAnswered(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.open(t)
	const pings = 1000
	frames := make([]rawFrame, pings)
	for i := range frames {
		frames[i] = rawFrame{op: opPing, payload: binary.BigEndian.AppendUint32(nil, uint32(i))}
	}
	p.send(frames...)
	for last := -1; last < pings-1; {
		f, err := p.receive()
		assert.NoError(t, err)
		assert.Equal(t, f.op, byte(opPong))
		n := int(binary.BigEndian.Uint32(f.payload))
		if n <= last || n >= pings {
			t.Fatalf("pong %d behind %d", n, last)
		}
		last = n
	}
	p.hangUp()
}

// F10: pings with messages between them hold up neither.
func TestHostile_F10_pingsBetweenMessages(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.open(t)
	const rounds = 200
	var all []rawFrame
	for range rounds {
		all = append(all, pingFrame("old"), pingFrame("new"), textFrame("message"))
	}
	all = append(all, pingFrame("newest"))
	go p.Write(p.bytes(all...))
	messages := 0
	for pong := ""; messages < rounds || pong != "newest"; {
		f, err := p.receive()
		assert.NoError(t, err)
		switch f.op {
		case opBinary:
			messages++
		case opPong:
			pong = string(f.payload)
		default:
			t.Fatalf("frame %x", f.op)
		}
	}
	assert.Equal(t, messages, rounds)
	p.hangUp()
}

// F10: pings are answered while the handler does something else.
func TestHostile_F10_handlerDoesNotReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := handled(untilDone)
		s := inMemory(t, newBytes(tandem.Limits{}), handler, nil)
		p := s.open(t)
		for range 3 {
			began := time.Now()
			p.send(pingFrame("anyone?"))
			p.expect(opPong, "anyone?")
			took(t, began, 0, time.Second)
			time.Sleep(5 * time.Second)
		}
		p.hangUp()
	})
}

// Pongs nobody asked for are allowed (RFC 6455, section 5.5.3) and mean nothing.
func TestHostile_F10_unaskedPongs(t *testing.T) {
	s := onLoopback(t, newBytes(tandem.Limits{}), echoBytes, nil)
	p := s.open(t)
	for _, payload := range []string{"", "x", strings.Repeat("\xff", 8), strings.Repeat("x", 125)} {
		p.send(rawFrame{op: opPong, payload: []byte(payload)})
	}
	p.send(textFrame("still here"))
	p.expect(opBinary, "still here")
	p.hangUp()
}
