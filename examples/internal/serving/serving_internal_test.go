package serving

import (
	"net"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

func TestReachable(t *testing.T) {
	for in, want := range map[string]string{"127.0.0.1": "127.0.0.1:80", "0.0.0.0": "localhost:80", "::": "localhost:80", "::1": "[::1]:80"} {
		assert.Equal(t, reachable(&net.TCPAddr{IP: net.ParseIP(in), Port: 80}), want)
	}
}
