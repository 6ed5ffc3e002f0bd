package schema

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/tandem-ws/tandem/internal/bind"
)

// Describe describes the endpoints of a package. An error names the endpoint and the path to what cannot cross.
func Describe(pkg string, declarations []Declaration) (*Document, error) {
	d := &Document{Version: Version, Package: pkg}
	types := &registry{byID: map[string]*Named{}}
	for _, decl := range declarations {
		e, err := types.endpoint(decl)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", decl.Name, err)
		}
		d.Endpoints = append(d.Endpoints, e)
	}
	d.Types = types.order
	name(d)
	for _, e := range d.Endpoints {
		e.Hash = hash(d, e)
	}
	return d, nil
}

// registry holds the types with names that all endpoints share.
type registry struct {
	byID  map[string]*Named
	order []*Named
}

func (r *registry) endpoint(decl Declaration) (*Endpoint, error) {
	e := &Endpoint{
		Name: decl.Name, Codec: decl.Codec, Text: decl.Text, NativeOnly: decl.NativeOnly, Limits: decl.Limits, Session: decl.Session,
	}
	b := &builder{registry: r, made: map[string]*Named{}}
	plan, err := bind.Compile(decl.Params, decl.Path)
	if err != nil {
		return nil, err
	}
	e.Path = clientPath(plan)
	if e.Params, err = b.params(decl, plan); err != nil {
		return nil, fmt.Errorf("params: %w", err)
	}
	if e.In, err = b.message(decl.Format, decl.In); err != nil {
		return nil, fmt.Errorf("in: %w", err)
	}
	if e.Out, err = b.message(decl.Format, decl.Out); err != nil {
		return nil, fmt.Errorf("out: %w", err)
	}
	return e, b.faults
}

func clientPath(plan *bind.Plan) string {
	var path strings.Builder
	for _, s := range plan.Segments() {
		path.WriteByte('/')
		switch {
		case s.Multi:
			path.WriteString("{" + s.Name + "...}")
		case s.Name != "":
			path.WriteString("{" + s.Name + "}")
		default:
			path.WriteString(s.Literal)
		}
	}
	return path.String()
}

// builder makes the types of one endpoint.
type builder struct {
	*registry

	made   map[string]*Named // by this endpoint
	faults error
}

// define gives the type its name. fill says what it is, and may come to the same type again.
func (b *builder) define(id string, n Named, fill func() *Type) *Type {
	ref := &Type{Kind: Ref, Ref: id}
	if b.made[id] != nil {
		return ref
	}
	was := b.byID[id]
	n.ID = id
	made := &n
	b.made[id] = made
	if was == nil {
		b.byID[id] = made
		b.order = append(b.order, made)
	}
	made.Type = fill()
	if was != nil && !reflect.DeepEqual(was, made) {
		b.faults = errors.Join(b.faults, fmt.Errorf("%s has a form of its own in one codec only, so it means different things to the endpoints of this package", n.Decl))
	}
	return ref
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

// declared tells where the source declares t, "" if it has no name. Types of the standard library have none here: what
// they are is known.
func declared(t reflect.Type) string {
	path := t.PkgPath()
	first, _, _ := strings.Cut(path, "/")
	if t.Name() == "" || path == "" || !strings.Contains(first, ".") && isStandard(first) {
		return ""
	}
	base, _, _ := strings.Cut(t.Name(), "[")
	return path + "." + base
}

// isStandard tells the standard library from programs in modules without a dot in their names by what messages use of it.
func isStandard(first string) bool {
	switch first {
	case "crypto", "encoding", "log", "math", "net", "time", "unique", "sync", "database", "go", "image", "regexp", "text", "html", "os", "io", "errors":
		return true
	}
	return false
}

// id gives what tells t from other types.
func id(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }
