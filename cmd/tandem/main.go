package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

const usage = `tandem holds the tools of tandem, typed websockets shared by server and client.

Usage:

	tandem gen ts|jsonschema|asyncapi PACKAGE    write code and descriptions from the endpoints of a package

"tandem gen -h" tells more.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1 // something is wrong with the package, or a file is stale
	exitUsage = 2
)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		_, _ = fmt.Fprint(stderr, usage)
		return exitUsage
	}
	var err error
	switch args[0] {
	case "gen":
		err = gen(ctx, args[1:], stdout, stderr)
	case "help", "-h", "-help", "--help":
		_, _ = fmt.Fprint(stdout, usage)
	default:
		err = &usageError{fmt.Sprintf("there is no command %q\n\n%s", args[0], usage)}
	}
	switch _, wrong := errors.AsType[*usageError](err); {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case wrong:
		_, _ = fmt.Fprintln(stderr, "tandem: "+err.Error())
		return exitUsage
	}
	_, _ = fmt.Fprintln(stderr, "tandem: "+err.Error())
	return exitFault
}

// usageError is a mistake on the command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }
