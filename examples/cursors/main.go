// Command cursors is the example of tandem for many signals that change fast: a page on which everybody who has it open
// sees everybody else's cursor, and a number of bots, sixty times a second.
//
//	go run ./examples/cursors
//	go run ./examples/cursors -bots 500 -addr :8081
//
// It serves until it gets SIGINT or SIGTERM.
package main

import (
	"flag"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/cursors/api"
	"github.com/tandem-ws/tandem/examples/cursors/room"
	"github.com/tandem-ws/tandem/examples/cursors/site"
	"github.com/tandem-ws/tandem/examples/internal/serving"
)

// maxPeople is how many may be there at once. Each is told of each, so the cost grows with the square: a hundred and 500 bots
// are 6000 frames a second.
const maxPeople = 100

func main() {
	stderr := log.New(os.Stderr, "cursors: ", 0)
	addr := flag.String("addr", "127.0.0.1:8081", "serve on this `address`")
	bots := flag.Int("bots", 150, "how many bots there are in the beginning, at most "+strconv.Itoa(api.MaxBots))
	flag.Parse()
	if flag.NArg() > 0 || *bots < 0 || *bots > api.MaxBots {
		flag.Usage()
		os.Exit(2)
	}
	ctx := serving.Interrupted()
	hub := tandem.NewHub(&tandem.HubOptions{MaxConns: maxPeople})
	r := room.New(*bots)
	go r.Run(ctx)
	mux := http.NewServeMux()
	r.Handle(mux, hub)
	site.Handle(mux)
	if err := serving.Serve(ctx, *addr, mux, hub, stderr); err != nil {
		stderr.Fatal(err)
	}
}
