package tandem_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// Next says of every error whether another attempt is worth it.
func TestReconnect_Next(t *testing.T) {
	for _, row := range []struct {
		err   error
		again bool
	}{
		{tandem.ErrLost, true},
		{io.ErrUnexpectedEOF, true},
		{&tandem.CloseError{Code: 1012}, true},
		{&tandem.CloseError{Code: 4200}, true},
		{&tandem.CloseError{Code: 1000}, false},
		{&tandem.CloseError{Code: 4500}, false},
		{&tandem.HandshakeError{Status: 503}, true},
		{&tandem.HandshakeError{Status: 429}, true},
		{&tandem.HandshakeError{Status: 404}, false},
		{&tandem.ParamError{}, false},
		{&tandem.DecodeError{Err: errors.New("not that")}, false},
	} {
		var r *tandem.Reconnect
		_, again := r.Next(0, row.err)
		assert.Equal(t, again, row.again, "%v", row.err)
	}
	r := &tandem.Reconnect{Min: time.Second, Max: 5 * time.Second, Tries: 4}
	for failed, most := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
		for range 100 {
			wait, again := r.Next(failed, tandem.ErrLost)
			assert.True(t, again && wait >= 0 && wait < most, "%d: %v, %v", failed, wait, again)
		}
	}
	_, again := r.Next(4, tandem.ErrLost)
	assert.Equal(t, again, false, "after the last try")
}
