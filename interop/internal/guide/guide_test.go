//go:build unix

package guide_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/guide"
)

// A program that drops its first connections does not serve yet.
func TestServe_waitsForAnAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "localhost:0")
	assert.NoError(t, err)
	answered := make(chan struct{})
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(answered) })}
	t.Cleanup(func() { server.Close() })
	go func() {
		for range 3 {
			if conn, err := l.Accept(); err == nil {
				conn.Close()
			}
		}
		server.Serve(l)
	}()

	guide.NewFolder(t).Serve(t, l.Addr().String(), time.Minute, "sleep", "60")
	<-answered
}
