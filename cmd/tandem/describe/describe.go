// Package describe is the inside of the program that tandem gen writes and runs: it imports a package with endpoints and
// describes them. It is of no use to anybody else, and may change with any version; it is not internal because that program
// belongs to the module of the endpoints.
//
// It starts no server and opens no connection.
package describe

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/tandem-ws/tandem"
	jsoncodec "github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/schema"
)

// Declared is an endpoint that is to be described.
type Declared struct {
	decl schema.Declaration
	err  error
}

// Endpoint is the endpoint in the variable of that name. What is wrong with it, [Main] reports.
func Endpoint[Params, In, Out any](name string, e *tandem.Endpoint[Params, In, Out]) Declared {
	if e == nil {
		return Declared{err: errors.New(name + " is nil")}
	}
	if err := e.Check(); err != nil {
		return Declared{err: fmt.Errorf("%s: %w", name, err)}
	}
	d := schema.Declare(e.Path, reflect.TypeFor[Params](), reflect.TypeFor[In](), reflect.TypeFor[Out](), e.Codec)
	d.Name, d.NativeOnly, d.Text = name, e.NativeOnly, e.Codec.FrameKind() == tandem.FrameText
	d.Limits = schema.Limits{MaxClientMessage: e.Limits.MaxClientMessage, MaxServerMessage: e.Limits.MaxServerMessage}
	if p, ok := e.Session.(*tandem.SessionPolicy); ok {
		d.Session = &schema.Session{Messages: p.Messages, Bytes: p.Bytes, ClientCommits: p.ClientCommits}
	}
	return Declared{decl: d}
}

// Package is the endpoints of a package.
func Package(path string, endpoints ...Declared) Described {
	d, err := document(path, endpoints)
	if err != nil {
		return Described{Package: path, Error: err.Error()}
	}
	return Described{Package: path, Document: d}
}

// Described is a package's description, or why there is none.
type Described struct {
	Package string `json:"package"`
	Error   string `json:"error,omitempty"`
	// Document is the package as its codecs write it, JSON as codec/json does.
	Document *Document `json:"document,omitempty"`
}

// Document holds both descriptions. They differ where a type has a form of its own in one codec.
type Document struct {
	Declared *schema.Document `json:"declared"`
	// JSON is nil, and JSONError says why, if the messages cannot be written as JSON.
	JSON      *schema.Document `json:"json,omitempty"`
	JSONError string           `json:"jsonError,omitempty"`
}

func document(path string, endpoints []Declared) (*Document, error) {
	var declarations []schema.Declaration
	var errs []error
	for _, e := range endpoints {
		if e.err != nil {
			errs = append(errs, e.err)
		}
		declarations = append(declarations, e.decl)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	declared, err := schema.Describe(path, declarations)
	if err != nil {
		return nil, err
	}
	d := &Document{Declared: declared}
	for i := range declarations {
		declarations[i].Format = schema.FormatOf(jsoncodec.Codec)
	}
	var noJSON error
	if d.JSON, noJSON = schema.Describe(path, declarations); noJSON != nil {
		d.JSONError = noJSON.Error()
		return d, nil //nolint:nilerr // it is in the document
	}
	for i, e := range declared.Endpoints {
		d.JSON.Endpoints[i].Hash = e.Hash
	}
	return d, nil
}

// Main writes the descriptions to the file that the program's only argument names.
func Main(packages ...Described) {
	out, err := json.Marshal(packages)
	if err == nil {
		err = os.WriteFile(os.Args[1], out, 0o600) //nolint:gosec // the file is the caller's
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
