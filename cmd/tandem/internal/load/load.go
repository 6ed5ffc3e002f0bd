// Package load finds the endpoints that packages declare and describes them: it asks the go command for the packages, and
// runs a program that imports them. That program exists in an overlay only, beside the first package, so nothing is written
// into the source tree and internal packages can be imported.
//
// Its functions may be called from any goroutine.
package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tandem-ws/tandem/cmd/tandem/describe"
	"github.com/tandem-ws/tandem/internal/schema"
)

// Package is what has been found in a package. Err, or else Declared, is set.
type Package struct {
	Path     string
	Declared *schema.Document // as the endpoints' codecs write it
	JSON     *schema.Document // as codec/json writes it, or JSONErr
	JSONErr  error
	Err      error
}

// Packages describes the packages that patterns name, seen from a directory.
func Packages(ctx context.Context, dir string, patterns ...string) ([]*Package, error) {
	l, err := list(ctx, dir, patterns)
	if err != nil {
		return nil, err
	}
	var found []*Package
	var imports, calls strings.Builder
	beside := dir
	for _, target := range l.targets {
		p := &Package{Path: target.ImportPath}
		found = append(found, p)
		endpoints, err := l.endpoints(target)
		if err != nil {
			p.Err = err
			continue
		}
		if imports.Len() == 0 && target.Module != nil && target.Module.Main {
			beside = target.Dir
		}
		alias := fmt.Sprintf("p%d", len(found))
		fmt.Fprintf(&imports, "\t%s %q\n", alias, target.ImportPath)
		fmt.Fprintf(&calls, "\t\tdescribe.Package(%q,\n", target.ImportPath)
		for _, name := range endpoints {
			fmt.Fprintf(&calls, "\t\t\tdescribe.Endpoint(%q, %s.%s),\n", name, alias, name)
		}
		calls.WriteString("\t\t),\n")
	}
	if imports.Len() == 0 {
		return found, nil
	}
	program := fmt.Sprintf("package main\n\nimport (\n\t%q\n%s)\n\nfunc main() {\n\tdescribe.Main(\n%s\t)\n}\n", describePath, imports.String(), calls.String())
	described, err := run(ctx, beside, []byte(program))
	if err != nil {
		return nil, err
	}
	return found, l.fill(found, described)
}

const (
	rootPath     = "github.com/tandem-ws/tandem"
	describePath = rootPath + "/cmd/tandem/describe"
)

// fill puts the descriptions where they belong, with what the source says.
func (l *listing) fill(found []*Package, described []describe.Described) error {
	for _, d := range described {
		for _, p := range found {
			switch {
			case p.Path != d.Package:
			case d.Error != "":
				p.Err = errors.New(d.Error)
			default:
				p.Declared, p.JSON = d.Document.Declared, d.Document.JSON
				if d.Document.JSONError != "" {
					p.JSONErr = errors.New(d.Document.JSONError)
				}
				for _, doc := range []*schema.Document{p.Declared, p.JSON} {
					if doc == nil {
						continue
					}
					if doc.Version != schema.Version {
						return fmt.Errorf("this is another version of tandem than the one %s requires; run it as \"go tool tandem\" or \"go run %s/cmd/tandem\" there", p.Path, rootPath)
					}
					doc.Annotate(&source{l, p.Path})
				}
			}
		}
	}
	return nil
}

// endpoints gives the names of the endpoints of a package.
func (l *listing) endpoints(p *listed) ([]string, error) {
	if p.Name == "main" {
		return nil, fmt.Errorf("%s is a program, which cannot be imported: move its endpoints into a package of their own", p.ImportPath)
	}
	pkg, err := l.importer.Import(p.ImportPath)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.ImportPath, err)
	}
	var names, hints []string
	for _, name := range pkg.Scope().Names() {
		v, ok := pkg.Scope().Lookup(name).(*types.Var)
		if !ok || !v.Exported() {
			continue
		}
		switch pointer, isPointer := types.Unalias(v.Type()).(*types.Pointer); {
		case isPointer && isEndpoint(pointer.Elem()):
			names = append(names, name)
		case isEndpoint(v.Type()):
			hints = append(hints, name+" is no pointer: write "+name+" = &tandem.Endpoint[...]{...}")
		}
	}
	if len(names) == 0 {
		hint := "declare one: var Echo = &tandem.Endpoint[struct{}, string, string]{Path: \"/echo\", Codec: json.Codec}"
		if len(hints) > 0 {
			hint = strings.Join(hints, "; ")
		}
		return nil, fmt.Errorf("%s has no exported variable that is a *tandem.Endpoint: %s", p.ImportPath, hint)
	}
	return l.inOrder(p, names), nil
}

func isEndpoint(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	o := named.Obj()
	return o.Name() == "Endpoint" && o.Pkg() != nil && o.Pkg().Path() == rootPath
}

// run runs the program as if it were in a directory below beside, and reads what it writes.
func run(ctx context.Context, beside string, program []byte) ([]describe.Described, error) {
	tmp, err := os.MkdirTemp("", "tandem-gen-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // what stays in the directory for temporary files is the system's
	beside, err = filepath.Abs(beside)
	if err != nil {
		return nil, err
	}
	const name = "tandem_gen_describe"
	source, overlay, out := filepath.Join(tmp, "main.go"), filepath.Join(tmp, "overlay.json"), filepath.Join(tmp, "out.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(beside, name, "main.go"): source}})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.WriteFile(source, program, 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil {
		return nil, err
	}
	if _, err := goCommand(ctx, beside, "run", "-mod=readonly", "-overlay="+overlay, "./"+name, out); err != nil {
		return nil, fmt.Errorf("run the declarations: %w", err)
	}
	written, err := os.ReadFile(out) //nolint:gosec // the name is our own
	if err != nil {
		return nil, err
	}
	var described []describe.Described
	return described, json.Unmarshal(written, &described)
}

// goCommand runs the go command for this machine, whatever the package is meant for.
func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the arguments are our own, and the user's patterns
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			err = errors.New(text)
		}
		return nil, err
	}
	return stdout.Bytes(), nil
}
