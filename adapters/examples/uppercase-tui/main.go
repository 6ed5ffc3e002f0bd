// Command uppercase-tui is a client of the uppercase example for the terminal, made with Bubble Tea.
//
//	go run ./examples/uppercase
//	go run ./adapters/examples/uppercase-tui
//
// What is typed is sent, and the answers are listed. Another name begins another conversation. While the server is away, the
// status line says when the next attempt will be.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/tandem-ws/tandem"
	teaws "github.com/tandem-ws/tandem/adapters/bubbletea"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("uppercase-tui: ")
	base := flag.String("connect", "http://127.0.0.1:8080", "the server's `URL`")
	name := flag.String("name", "Ada", "your `name`; it can be changed later")
	age := flag.Int("age", 36, "your age in `years`")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Printf("unexpected argument %q", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}
	p := api.Person{Name: *name, Age: *age}
	if u, err := url.Parse(*base); err != nil || u.Host == "" {
		log.Fatalf("%q is no URL of a server", *base)
	}
	m, end := newModel(p, &live.Options{Base: *base})
	_, err := tea.NewProgram(m).Run()
	end()
	if err != nil {
		log.Fatal(err)
	}
}

// typing is how long a name must stay as it is to be another one.
const typing = 600 * time.Millisecond

// newModel makes the model, and connects. end is called when the program has ended: it says goodbye to the server.
func newModel(p api.Person, o *live.Options) (m *model, end func()) {
	o.Settle = typing
	loop := teaws.NewLoop()
	graph := signals.NewGraph(&signals.Options{Scheduler: loop.Schedule})
	scope := signals.NewScope(graph)
	name := signals.New(graph, p.Name)
	ws := live.Use(scope, api.Uppercase, func(r *signals.Reader) api.Person {
		return api.Person{Name: name.Get(r), Age: p.Age}
	}, o)
	m = &model{
		sock:    teaws.New(scope, ws, nil),
		loop:    loop,
		name:    name,
		restart: ws.Restart,
		unsent:  map[uint64]string{},
		view:    newView(p.Name),
	}
	return m, func() {
		if err := ws.Close(tandem.CodeNormal, ""); err != nil {
			fmt.Fprintln(os.Stderr, "the server did not say goodbye:", err)
		}
		scope.Dispose()
		loop.Close()
	}
}
