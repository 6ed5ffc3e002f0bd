package engine_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/mempipe"
	"github.com/tandem-ws/tandem/internal/wire"
)

// closeWith has a peer send a Close frame with the payload, and checks the answer and the error.
func closeWith(t *testing.T, payload []byte) {
	t.Helper()
	a, b := mempipe.Pair(nil)
	server := engine.New(a, fuzzConfig(fuzzMessage), engine.Options{})
	if _, err := b.Write(masked(0x88, payload)); err != nil {
		t.Fatal(err)
	}
	_, _, err := server.Next(t.Context())
	b.CloseWrite()
	server.Close(1000, "") // changes nothing
	got, lerr := listenTo(b)
	b.Close()
	if lerr != nil {
		t.Fatal(lerr)
	}
	want := answerTo(payload)
	if got.code != want {
		t.Fatalf("payload % x was answered with %d, want %d", payload, got.code, want)
	}
	ce, ok := errors.AsType[*wire.CloseError](err)
	if !ok || ce.Code != want {
		t.Fatalf("payload % x: %v, want code %d", payload, err, want)
	}
	broken := len(payload) > 0 && (len(payload) == 1 || int(binary.BigEndian.Uint16(payload)) != want || want == 1007 && ce.Violation)
	if ce.Violation != broken {
		t.Fatalf("payload % x: violation is %v", payload, ce.Violation)
	}
	if !ce.Violation && len(payload) > 2 && ce.Reason != string(payload[2:]) {
		t.Fatalf("payload % x: reason %q", payload, ce.Reason)
	}
}

// A peer may send any of 65,536 codes. Those that mean something are answered with the same.
func TestConn_everyCloseCode(t *testing.T) {
	for code := range 1 << 16 {
		closeWith(t, binary.BigEndian.AppendUint16(nil, uint16(code)))
	}
}

// FuzzConn_close sends arbitrary Close frames.
func FuzzConn_close(f *testing.F) {
	for _, seed := range []string{"", "\x03", "\x03\xe8", "\x03\xe8bye", "\x0f\xa0gr\xc3\xb6\xc3\x9fe", "\x03\xe8\xff", "\x03\xed", "\xff\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > 125 {
			return
		}
		synctest.Test(t, func(t *testing.T) { closeWith(t, payload) })
	})
}
