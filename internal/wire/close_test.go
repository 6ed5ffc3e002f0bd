package wire_test

import (
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/wire"
)

// Every code that a browser may not send has one that it may, and that means nothing else.
func TestPageCode(t *testing.T) {
	for code := 1000; code < 5000; code++ {
		if !wire.ValidCode(code) {
			continue
		}
		sent := wire.PageCode(code)
		assert.True(t, sent == 1000 || sent >= 3000 && sent <= 4999, "a browser may send %d", sent)
		if code >= 4951 && code <= 4964 {
			continue // stands for another
		}
		assert.Equal(t, wire.MeantCode(sent), code)
	}
}
