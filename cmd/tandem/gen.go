package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/tandem-ws/tandem/cmd/tandem/internal/asyncapi"
	"github.com/tandem-ws/tandem/cmd/tandem/internal/jsonschema"
	"github.com/tandem-ws/tandem/cmd/tandem/internal/load"
	"github.com/tandem-ws/tandem/cmd/tandem/internal/typescript"
)

const genUsage = `tandem gen writes what others need to know of the endpoints that a Go package declares.

Usage:

	tandem gen ts [-time string|date] [-o FILE [-check]] PACKAGE
	tandem gen jsonschema [-o FILE [-check]] PACKAGE
	tandem gen asyncapi [-title TITLE] [-api-version VERSION] [-o FILE [-check]] PACKAGE

	ts          TypeScript: the types of messages and parameters, and a descriptor of each endpoint that
	            the npm package @tandem-ws/client connects with
	jsonschema  JSON Schema 2020-12 of the messages as JSON
	asyncapi    an AsyncAPI 3.0 document

PACKAGE is a directory or an import path, as the go command takes it: ./api, or . in a go:generate line. Its endpoints are
its exported variables of type *tandem.Endpoint. They are found by compiling the package into a small program and running
that, so what happens when the package is initialized happens; no server is started, and nothing is written into the source.

In a module that uses tandem, this runs the very version that the module requires:

	//go:generate go run github.com/tandem-ws/tandem/cmd/tandem gen ts -o ../web/src/api.gen.ts .

And this fails in CI, and shows what differs, when somebody has forgotten to run it:

	go run github.com/tandem-ws/tandem/cmd/tandem gen ts -check -o web/src/api.gen.ts ./api

Flags:

`

// genFlags are the flags of gen, for whatever is printed.
type genFlags struct {
	out     string
	check   bool
	time    string
	title   string
	version string
}

func gen(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	kind := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		kind, args = args[0], args[1:]
	}
	var o genFlags
	flags := flag.NewFlagSet("tandem gen", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.out, "o", "", "`FILE` to write; without it the output goes to standard output")
	flags.BoolVar(&o.check, "check", false, "write nothing; fail if the file of -o is not what would be written")
	if kind == "ts" || kind == "" {
		flags.StringVar(&o.time, "time", "string", "what a time.Time is in TypeScript: \"string\", RFC 3339 with all its digits, or \"date\",\na Date, which keeps milliseconds")
	}
	if kind == "asyncapi" || kind == "" {
		flags.StringVar(&o.title, "title", "", "`TITLE` of the document (default the package's name)")
		flags.StringVar(&o.version, "api-version", "0.0.0", "`VERSION` of the API that the document describes")
	}
	help := func(w io.Writer) {
		_, _ = fmt.Fprint(w, genUsage)
		flags.SetOutput(w)
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp) || kind == "help":
		help(stdout)
		return nil
	case err != nil:
		return &usageError{err.Error() + "; \"tandem gen -h\" tells which flags there are"}
	case kind == "":
		help(stderr)
		return &usageError{"gen: say what to write: ts, jsonschema or asyncapi"}
	case kind != "ts" && kind != "jsonschema" && kind != "asyncapi":
		return &usageError{fmt.Sprintf("gen: %q cannot be written; ts, jsonschema and asyncapi can", kind)}
	case flags.NArg() != 1:
		return &usageError{fmt.Sprintf("gen %s: name one package behind the flags, for example ./api", kind)}
	case o.check && o.out == "":
		return &usageError{"gen: -check needs -o, the file to compare with"}
	case kind == "ts" && o.time != "string" && o.time != "date":
		return &usageError{fmt.Sprintf("gen ts: -time is string or date, not %q", o.time)}
	}
	written, err := generate(ctx, kind, flags.Arg(0), o)
	if err != nil {
		return fmt.Errorf("gen %s %s: %w", kind, flags.Arg(0), err)
	}
	switch {
	case o.check:
		return check(o.out, written)
	case o.out != "":
		return write(o.out, written)
	}
	_, err = stdout.Write(written)
	return err
}

// generate gives the file for a package.
func generate(ctx context.Context, kind, pattern string, o genFlags) ([]byte, error) {
	packages, err := load.Packages(ctx, ".", pattern)
	switch {
	case err != nil:
		return nil, err
	case len(packages) != 1:
		return nil, fmt.Errorf("%d packages match, and one is wanted", len(packages))
	}
	return printed(kind, packages[0], o)
}

func printed(kind string, p *load.Package, o genFlags) ([]byte, error) {
	switch {
	case p.Err != nil:
		return nil, p.Err
	case kind == "ts":
		return typescript.Print(p.Declared, typescript.Options{Date: o.time == "date"})
	case p.JSONErr != nil:
		return nil, fmt.Errorf("as JSON: %w", p.JSONErr)
	case kind == "jsonschema":
		return jsonschema.Print(p.JSON)
	}
	return asyncapi.Print(p.JSON, asyncapi.Options{Title: o.title, Version: o.version})
}

// write writes a file if that changes it, so that tools which look at times see no change where there is none.
func write(name string, content []byte) error {
	if was, err := os.ReadFile(name); err == nil && bytes.Equal(was, content) { //nolint:gosec // the user names the file
		return nil
	}
	return os.WriteFile(name, content, 0o644) //nolint:gosec // it is source code, for everybody
}

// check compares a file with what it should be.
func check(name string, want []byte) error {
	got, err := os.ReadFile(name) //nolint:gosec // the user names the file
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s does not exist: run the same command without -check", name)
	case err != nil:
		return err
	case !bytes.Equal(got, want):
		return fmt.Errorf("%s is stale: run the same command without -check\n%s", name, diff(string(got), string(want)))
	}
	return nil
}
