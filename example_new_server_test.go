package tandem_test

import (
	"fmt"
	"net/http"

	"github.com/tandem-ws/tandem"
)

// NewServer is an http.Server with bounds where net/http has none. Set what you want otherwise.
func ExampleNewServer() {
	server := tandem.NewServer("127.0.0.1:8080", http.NewServeMux())
	fmt.Println(server.Addr, server.ReadHeaderTimeout, server.IdleTimeout)
	// Then server.ListenAndServe or server.ListenAndServeTLS, and Hub.Shutdown before server.Shutdown.

	// Output: 127.0.0.1:8080 5s 1m0s
}
