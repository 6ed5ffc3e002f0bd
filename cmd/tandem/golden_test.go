package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/cmd/tandem/internal/load"
	"github.com/tandem-ws/tandem/internal/assert"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden is a file of testdata: the sources of a package, and what is made of it. The sections of the archive are
//
//	*.go                   the package
//	want.ts                TypeScript
//	want.date.ts           the same with -time date
//	want.schema.json       JSON Schema
//	want.asyncapi.json     AsyncAPI
//	want.error             what is wrong with it instead, for TypeScript
type golden struct {
	name string
	file string
	archive
}

func goldens(t *testing.T) []golden {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	assert.NoError(t, err)
	assert.True(t, len(files) > 10, "the golden files are there")
	var all []golden
	for _, f := range files {
		text, err := os.ReadFile(f)
		assert.NoError(t, err)
		all = append(all, golden{strings.TrimSuffix(filepath.Base(f), ".txtar"), f, parseArchive(string(text))})
	}
	return all
}

// module makes a module that uses this checkout of tandem, with the golden files' packages in it.
func module(t *testing.T, all []golden) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	assert.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	assert.NoError(t, err)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	assert.NoError(t, err)
	text := strings.Replace(string(mod), "module github.com/tandem-ws/tandem", "module example.com/app", 1) +
		"\nrequire github.com/tandem-ws/tandem v0.0.0\n\nreplace github.com/tandem-ws/tandem => " + root + "\n"
	files := map[string]string{"go.mod": text, "go.sum": string(sum)}
	for _, g := range all {
		for _, f := range g.files {
			if strings.HasSuffix(f.name, ".go") {
				files[g.name+"/"+f.name] = f.text
			}
		}
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		assert.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		assert.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "")
	return dir
}

func TestGolden(t *testing.T) {
	all := goldens(t)
	dir := module(t, all)
	packages, err := load.Packages(context.Background(), dir, "./...")
	assert.NoError(t, err)
	found := map[string]*load.Package{}
	for _, p := range packages {
		found[strings.TrimPrefix(p.Path, "example.com/app/")] = p
	}
	for _, g := range all {
		t.Run(g.name, func(t *testing.T) {
			p := found[g.name]
			assert.True(t, p != nil, "the package is among those found")
			g.compare(t, p)
		})
	}
}

func (g *golden) compare(t *testing.T, p *load.Package) {
	t.Helper()
	kinds := map[string]struct {
		kind  string
		flags genFlags
	}{
		"want.ts":            {"ts", genFlags{time: "string"}},
		"want.date.ts":       {"ts", genFlags{time: "date"}},
		"want.schema.json":   {"jsonschema", genFlags{}},
		"want.asyncapi.json": {"asyncapi", genFlags{version: "1.2.3"}},
		"want.error":         {"ts", genFlags{time: "string"}},
	}
	compared := 0
	for i, f := range g.files {
		k, ok := kinds[f.name]
		if !ok {
			continue
		}
		compared++
		out, err := printed(k.kind, p, k.flags)
		got := string(out)
		if f.name == "want.error" {
			assert.True(t, err != nil, "an error was wanted, and this came: %s", got)
			got = err.Error() + "\n"
		} else {
			assert.NoError(t, err, f.name)
		}
		if *update {
			g.files[i].text = got
		} else if got != f.text {
			t.Errorf("%s: %s differs (go test ./cmd/tandem -update writes it anew)\n%s", g.file, f.name, diff(f.text, got))
		}
	}
	assert.True(t, compared > 0, "there is nothing to compare with")
	if *update {
		assert.NoError(t, os.WriteFile(g.file, []byte(g.format()), 0o600))
	}
}

// archive is a txtar archive: a comment, and files behind lines such as "-- name --".
type archive struct {
	comment string
	files   []archived
}

type archived struct{ name, text string }

func parseArchive(s string) (a archive) {
	text := &a.comment
	for line := range strings.Lines(s) {
		if name, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(name, " --\n") {
			a.files = append(a.files, archived{name: strings.TrimSuffix(name, " --\n")})
			text = &a.files[len(a.files)-1].text
			continue
		}
		*text += line
	}
	return a
}

func (a *archive) format() string {
	s := a.comment
	for _, f := range a.files {
		s += "-- " + f.name + " --\n" + f.text
	}
	return s
}
