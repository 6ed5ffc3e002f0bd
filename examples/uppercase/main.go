// Command uppercase is the first example of tandem: one typed websocket endpoint, declared in package api, with a
// server, a client for the terminal, a page in Go, and one at /plain that uses nothing of tandem's.
//
//	go run ./examples/uppercase
//	go run ./examples/uppercase -connect http://127.0.0.1:8080 -name Ada -age 36
//
// The first serves until it gets SIGINT or SIGTERM. The second prints what the server says and sends each line of its
// standard input; at the end of that it waits for the answers that are due, and leaves. With -session on both, the
// conversation outlives a lost network; a server with -session still serves the page and clients without.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/examples/internal/serving"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
)

// stderr is for what goes wrong. Standard output is for messages.
var stderr = log.New(os.Stderr, "uppercase: ", 0)

func main() {
	o := parse(os.Args[1:])
	ctx := serving.Interrupted()
	var err error
	if o.connect != "" {
		err = connect(ctx, o.connect, o.person, o.codec)
	} else {
		hub := tandem.NewHub(nil)
		err = serving.Serve(ctx, o.addr, routes(hub), hub, stderr)
	}
	if err != nil {
		stderr.Fatal(err)
	}
}

type options struct {
	addr    string
	connect string
	person  api.Person
	codec   tandem.Codec // nil for the endpoint's own
}

// parse reads the command line. When something is wrong with it, the program ends with the code 2.
func parse(args []string) *options {
	o := &options{}
	flags := flag.NewFlagSet("uppercase", flag.ExitOnError)
	session := flags.Bool("session", false, "let conversations outlive lost sockets; for the server and the client")
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "serve on this `address`")
	flags.StringVar(&o.connect, "connect", "", "be a client of the server at this `URL`")
	flags.StringVar(&o.person.Name, "name", "Ada", "with -connect: your `name`")
	flags.IntVar(&o.person.Age, "age", 36, "with -connect: your age in `years`")
	flags.Func("codec", "with -connect: ask for the `codec` json, msgpack or cbor (default: the endpoint's own, cbor)", func(name string) error {
		o.codec = codecs[name]
		if o.codec == nil {
			return errors.New("there are json, msgpack and cbor")
		}
		return nil
	})
	_ = flags.Parse(args) // ExitOnError
	if err := check(flags, o.connect != ""); err != nil {
		stderr.Print(err)
		flags.Usage()
		os.Exit(2)
	}
	if *session {
		api.Uppercase.Session = &tandem.SessionPolicy{} // before the first use of the endpoint
	}
	return o
}

var codecs = map[string]tandem.Codec{"json": json.Codec, "msgpack": msgpack.Codec, "cbor": cbor.Codec}

// check refuses what would have no effect.
func check(flags *flag.FlagSet, client bool) (err error) {
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	flags.Visit(func(f *flag.Flag) {
		switch forClient := strings.HasPrefix(f.Usage, "with -connect"); {
		case f.Name == "connect" && !client:
			err = errors.New("-connect needs a URL")
		case f.Name == "addr" && client:
			err = errors.New("-addr does not go with -connect")
		case forClient && !client:
			err = fmt.Errorf("-%s goes with -connect only", f.Name)
		}
	})
	return err
}
