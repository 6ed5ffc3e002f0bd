package load

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// listed is a package as go list tells of it.
type listed struct {
	ImportPath string
	Name       string
	Dir        string
	GoFiles    []string
	Export     string
	DepOnly    bool
	Module     *struct{ Main bool }

	files []*ast.File // parsed when asked for
}

// listing is the packages that were asked for, and all they import.
type listing struct {
	fset     *token.FileSet
	byPath   map[string]*listed
	targets  []*listed
	importer types.Importer
}

func list(ctx context.Context, dir string, patterns []string) (*listing, error) {
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Name,Dir,GoFiles,Export,DepOnly,Module", "--"}, patterns...)
	out, err := goCommand(ctx, dir, args...)
	if err != nil {
		return nil, fmt.Errorf("the package does not compile:\n%w", err)
	}
	l := &listing{fset: token.NewFileSet(), byPath: map[string]*listed{}}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &listed{}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		l.byPath[p.ImportPath] = p
		if !p.DepOnly {
			l.targets = append(l.targets, p)
		}
	}
	slices.SortFunc(l.targets, func(a, b *listed) int { return cmp.Compare(a.ImportPath, b.ImportPath) })
	l.importer = importer.ForCompiler(l.fset, "gc", func(path string) (io.ReadCloser, error) {
		p := l.byPath[path]
		if p == nil || p.Export == "" {
			return nil, errors.New("no export data for " + path)
		}
		return os.Open(p.Export)
	})
	return l, nil
}

// path of a file of the package.
func (p *listed) path(name string) string { return filepath.Join(p.Dir, name) }
