//go:build !js

package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

func TestImports(t *testing.T) {
	// What go list reads is unknown to the cache of go test. Looking at every directory here makes a cached
	// result invalid as soon as a file changes.
	goFiles(t)
	for _, on := range []platform{native, js} {
		t.Run(string(on), func(t *testing.T) {
			g, err := list(on)
			assert.NoError(t, err)

			// An empty graph would pass every rule.
			root := g[module]
			assert.True(t, root != nil && len(root.Imports) > 0, "the root package is listed with its imports")

			for _, p := range g.packages() {
				// On js some packages have no files, which go list reports as an error too.
				if e := g[p].Error; e != nil && on == native && !strings.Contains(e.Err, "build constraints exclude all Go files") {
					t.Errorf("go list %s: %s", p, e.Err)
				}
			}
			for _, v := range g.check(on, rules) {
				t.Error(v)
			}
		})
	}
}

// Tests do not sleep, unless the clock is that of testing/synctest.
func TestSleep(t *testing.T) {
	for _, name := range goFiles(t) {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		assert.NoError(t, err)
		if sleepsForReal(t, name, src) {
			t.Errorf("%s: time.Sleep without testing/synctest: a sleep is too long on most machines and too short on some; "+
				"wait for what is meant to happen", name)
		}
	}
}

func TestSleepsForReal(t *testing.T) {
	const sleep = "func f() { time.Sleep(1) }"
	assert.Equal(t, sleepsForReal(t, "a", []byte(`package a; import "time"; `+sleep)), true)
	assert.Equal(t, sleepsForReal(t, "b", []byte(`package a; import ("time"; "testing/synctest"); `+sleep)), false)
	assert.Equal(t, sleepsForReal(t, "c", []byte(`package a; import "time"; var _ = "time.Sleep(1)"; var _ time.Time`)), false)
}

// sleepsForReal tells whether a file calls time.Sleep and does not import testing/synctest.
func sleepsForReal(t *testing.T, name string, src []byte) bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
	assert.NoError(t, err)
	for _, imported := range file.Imports {
		if imported.Path.Value == `"testing/synctest"` {
			return false
		}
	}
	sleeps := false
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
				sleeps = true
			}
		}
		return !sleeps
	})
	return sleeps
}

// goFiles lists the Go files of the repository, which it visits directory by directory.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("../..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "node_modules", "target", "testdata"}, entry.Name()):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go"):
			files = append(files, name)
		}
		return nil
	})
	assert.NoError(t, err)
	return files
}

// TestRules breaks each kind of rule in a made-up graph.
func TestRules(t *testing.T) {
	broken := map[string]bool{} // the rules that some row breaks

	// Each line is a package and what it imports; "test:" is an import of its tests. "./" is this module.
	for name, row := range map[string]struct {
		graph    string
		on       platform // native if empty
		breaches []string // "from imports to", in the order of rules and packages
	}{
		"a tree in order": {
			graph: `
				. ./internal/engine ./internal/wire net/http github.com/gobwas/ws
				./internal/engine ./internal/wire github.com/gobwas/ws test:./internal/assert test:./tandemtest
				./codec/json . ./internal/serde github.com/go-json-experiment/json test:./tandemtest/codectest
				./signals sync test:./internal/assert
				./live . ./signals test:./tandemtest
				./ui/dom ./ui ./signals syscall/js
				./tandemtest . testing net/http
				./broker/nats . github.com/nats-io/nats.go test:./tandemtest/brokertest
				./examples/chat ./examples/chat/api . ./live ./inspect
				./cmd/tandem . ./inspect ./tandemtest`,
		},
		"internal imports root":                    {graph: `./internal/hub .`, breaches: []string{"internal/hub imports tandem"}},
		"internal imports root through a stranger": {graph: "./internal/hub example.com/x sync\nexample.com/x .", breaches: []string{"internal/hub imports tandem"}},
		"internal imports a codec":                 {graph: `./internal/hub ./codec/json`, breaches: []string{"internal/hub imports codec/json"}},
		"root imports a codec":                     {graph: `. ./codec/json`, breaches: []string{"tandem imports codec/json"}},
		"root imports a sibling":                   {graph: `. ./live`, breaches: []string{"tandem imports live"}},
		"root's tests import a codec":              {graph: `. test:./codec/json`},
		"root imports tandemtest": {
			graph:    `. ./tandemtest`,
			breaches: []string{"tandem imports tandemtest", "tandem imports tandemtest"}, // wrong direction, and test code
		},
		"a codec imports a sibling":                {graph: `./codec/json ./live`, breaches: []string{"codec/json imports live"}},
		"a codec imports another":                  {graph: `./codec/json ./codec/cbor`, breaches: []string{"codec/json imports codec/cbor"}},
		"another codec imports another":            {graph: `./codec/cbor ./codec/msgpack`, breaches: []string{"codec/cbor imports codec/msgpack"}},
		"a third codec imports another":            {graph: `./codec/msgpack ./codec/json`, breaches: []string{"codec/msgpack imports codec/json"}},
		"signals imports root":                     {graph: `./signals .`, breaches: []string{"signals imports tandem"}},
		"signals imports internal":                 {graph: `./signals ./internal/wire`, breaches: []string{"signals imports internal/wire"}},
		"signals imports a stranger":               {graph: `./signals example.com/x`, breaches: []string{"signals imports example.com/x"}},
		"live imports ui":                          {graph: `./live ./ui/dom`, breaches: []string{"live imports ui/dom"}},
		"ui imports live":                          {graph: `./ui ./live`, breaches: []string{"ui imports live"}},
		"inspect imports signals":                  {graph: `./inspect ./signals`, breaches: []string{"inspect imports signals"}},
		"tandemtest imports live":                  {graph: `./tandemtest ./live`, breaches: []string{"tandemtest imports live"}},
		"a broker imports the other":               {graph: `./broker/nats ./broker/redis`, breaches: []string{"broker/nats imports broker/redis"}},
		"a broker imports the other, backwards":    {graph: `./broker/redis ./broker/nats`, breaches: []string{"broker/redis imports broker/nats"}},
		"a store imports a broker":                 {graph: `./store/bolt ./broker/nats`, breaches: []string{"store/bolt imports broker/nats"}},
		"an adapter imports the other":             {graph: `./adapters/fyne ./adapters/bubbletea`, breaches: []string{"adapters/fyne imports adapters/bubbletea"}},
		"an adapter imports the other, backwards":  {graph: `./adapters/bubbletea ./adapters/fyne`, breaches: []string{"adapters/bubbletea imports adapters/fyne"}},
		"a sibling's tests import another sibling": {graph: `./live test:./inspect`, breaches: []string{"live (its tests) imports inspect"}},
		"a library imports an example":             {graph: `./live ./examples/chat`, breaches: []string{"live imports examples/chat"}},
		"a test imports a shared declaration":      {graph: `. test:./examples/chat/api`},
		"tandemtest outside of tests":              {graph: `./live ./tandemtest`, breaches: []string{"live imports tandemtest"}},
		"testing outside of tests":                 {graph: `./codec/json testing`, breaches: []string{"codec/json imports testing"}},
		"assert outside of tests":                  {graph: `. ./internal/assert`, breaches: []string{"tandem imports internal/assert"}},
		"net/http in a browser":                    {graph: `. net/http`, on: js, breaches: []string{"tandem imports net/http"}},
		"crypto/tls in a browser, indirectly": {
			graph: ". ./internal/dial\n./internal/dial crypto/tls", on: js,
			breaches: []string{"tandem imports crypto/tls"},
		},
		"net/http in a shared declaration": {graph: `./examples/chat/api net/http`, on: js, breaches: []string{"examples/chat/api imports net/http"}},
		"fmt in a browser":                 {graph: `./live fmt`, on: js, breaches: []string{"live imports fmt"}},
		"crypto in a browser":              {graph: `. crypto/sha256`, on: js, breaches: []string{"tandem imports crypto/sha256"}},
		"fmt natively":                     {graph: `./live fmt`},
		"net/http natively":                {graph: `. net/http`},
		"gobwas in a browser": {
			graph: `. github.com/gobwas/ws`, on: js,
			breaches: []string{"tandem imports github.com/gobwas/ws", "tandem imports github.com/gobwas/ws"}, // also a third party
		},
		"syscall/js in a codec":         {graph: `./codec/json syscall/js`, on: js, breaches: []string{"codec/json imports syscall/js"}},
		"syscall/js in root":            {graph: `. syscall/js`, on: js},
		"syscall/js through jsws":       {graph: "./live ./internal/jsws\n./internal/jsws syscall/js", on: js},
		"serde imports a stranger":      {graph: `./internal/serde example.com/x`, breaches: []string{"internal/serde imports example.com/x"}},
		"bind imports a stranger":       {graph: "./internal/bind ./internal/x\n./internal/x example.com/y", breaches: []string{"internal/bind imports example.com/y"}},
		"wire imports the vendored std": {graph: `./internal/wire vendor/golang.org/x/net/idna`},
		"a browser links schemas":       {graph: `./codec/json ./internal/schema`, on: js, breaches: []string{"codec/json imports internal/schema"}},
		"describe imports a sibling":    {graph: `./cmd/tandem/describe ./live`, breaches: []string{"cmd/tandem/describe imports live"}},
		"the command imports strangers": {graph: `./cmd/tandem example.com/x`, breaches: []string{"cmd/tandem imports example.com/x"}},
		"schema imports a stranger":     {graph: `./internal/schema example.com/x`, breaches: []string{"internal/schema imports example.com/x"}},
		"root imports a stranger":       {graph: `. example.com/x`, breaches: []string{"tandem imports example.com/x"}},
		"gobwas beside the engine":      {graph: `./inspect github.com/gobwas/ws`, breaches: []string{"inspect imports github.com/gobwas/ws"}},
	} {
		t.Run(name, func(t *testing.T) { // not parallel: they share broken
			on := row.on
			if on == both {
				on = native
			}
			var breaches []string
			for _, v := range parse(row.graph).check(on, rules) {
				first, _, _ := strings.Cut(v.String(), "\n")
				breaches = append(breaches, first)
				broken[v.rule.of+v.rule.imports] = true
			}
			assert.Equal(t, breaches, row.breaches)
		})
	}
	for _, r := range rules {
		assert.True(t, r.reason != "", "%s: has a reason", r.of)
		assert.True(t, broken[r.of+r.imports], "%s must not import %s: a row of this test breaks the rule", r.of, r.imports)
	}
}

func TestViolation_String(t *testing.T) {
	g := parse(". ./internal/dial\n./internal/dial net/http")
	v := g.check(js, []rule{{of: ".", on: js, imports: "net/http", reason: "too big"}})
	assert.Equal(t, len(v), 1)
	assert.Equal(t, v[0].String(), "tandem imports net/http\n\tthrough tandem → internal/dial → net/http\n\ton js\n\ttoo big")
}

func TestMatch(t *testing.T) {
	for _, row := range []struct {
		pattern, path string
		want          bool
	}{
		{".", ".", true},
		{".", "codec", false},
		{"codec/json", "codec/json", true},
		{"codec/json", "codec/jsonx", false},
		{"codec/...", "codec", true},
		{"codec/...", "codec/json", true},
		{"codec/...", "codec/json/x", true},
		{"codec/...", "codecs", false},
		{"examples/*/api", "examples/chat/api", true},
		{"examples/*/api", "examples/chat", false},
		{"examples/*/...", "examples/chat/api/x", true},
		{"examples/*/...", "examples", false},
		{"net/http", "net/http/httptest", false},
	} {
		assert.Equal(t, match(row.pattern, row.path), row.want, "%s matches %s", row.pattern, row.path)
	}
}

// parse reads a graph in the notation of TestRules.
func parse(text string) graph {
	full := func(s string) string {
		if s == "." {
			return module
		}
		if rest, ok := strings.CutPrefix(s, "./"); ok {
			return module + "/" + rest
		}
		return s
	}
	g := graph{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		p := &pkg{ImportPath: full(fields[0])}
		for _, imported := range fields[1:] {
			if rest, ok := strings.CutPrefix(imported, "test:"); ok {
				p.XTestImports = append(p.XTestImports, full(rest))
			} else {
				p.Imports = append(p.Imports, full(imported))
			}
		}
		g[p.ImportPath] = p
	}
	return g
}
