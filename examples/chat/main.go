// Command chat is the example of tandem for a page that is not in Go: rooms to talk in, with a server that knows who is there
// and what was said, and sessions that lose nothing of it when the network does.
//
//	go run ./examples/chat
//	go run ./examples/chat -addr :8082
//
// It serves until it gets SIGINT or SIGTERM.
package main

import (
	"flag"
	"log"
	"net/http"
	"os"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/chat/rooms"
	"github.com/tandem-ws/tandem/examples/chat/web"
	"github.com/tandem-ws/tandem/examples/internal/serving"
)

// maxPeople is how many may be connected at once, in all rooms.
const maxPeople = 2000

func main() {
	stderr := log.New(os.Stderr, "chat: ", 0)
	addr := flag.String("addr", "127.0.0.1:8082", "serve on this `address`")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	hub := tandem.NewHub(&tandem.HubOptions{MaxConns: maxPeople})
	mux := http.NewServeMux()
	rooms.New(nil).Handle(mux, hub)
	web.Handle(mux)
	if err := serving.Serve(serving.Interrupted(), *addr, mux, hub, stderr); err != nil {
		stderr.Fatal(err)
	}
}
