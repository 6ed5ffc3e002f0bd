//go:build !js

package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// pkg is the part of go list's output that the rules look at.
type pkg struct {
	ImportPath   string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
	Error        *struct{ Err string }
}

// graph holds packages by import path: those of the workspace and everything they import.
type graph map[string]*pkg

// list loads the packages of every module of the workspace and their dependencies, as a platform sees them.
func list(on platform) (graph, error) {
	dirs, err := goList(on, "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-e", "-deps", "-json=ImportPath,Standard,Imports,TestImports,XTestImports,Error"}
	for dir := range strings.Lines(string(dirs)) {
		args = append(args, strings.TrimSpace(dir)+"/...")
	}
	out, err := goList(on, args...)
	if err != nil {
		return nil, err
	}
	g := graph{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(pkg)
		switch err := dec.Decode(p); {
		case errors.Is(err, io.EOF):
			return g, nil
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		}
		g[p.ImportPath] = p
	}
}

func goList(on platform, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = os.Environ()
	if on == js {
		cmd.Env = append(cmd.Env, "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	}
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, exit.Stderr)
	}
	return out, err
}

// violation is a forbidden import: the packages on the way from the one that is bound by the rule to the one it
// must not reach.
type violation struct {
	rule  rule
	chain []string
	test  bool
}

func (v violation) String() string {
	verb := " imports "
	if v.test {
		verb = " (its tests) imports "
	}
	s := short(v.chain[0]) + verb + short(v.chain[len(v.chain)-1])
	if len(v.chain) > 2 {
		s += "\n\tthrough " + strings.Join(mapped(v.chain, short), " → ")
	}
	if v.rule.on != both {
		s += "\n\ton " + string(v.rule.on)
	}
	return s + "\n\t" + v.rule.reason
}

// check returns what breaks a rule on a platform.
func (g graph) check(on platform, rules []rule) []violation {
	var found []violation
	for _, r := range rules {
		if r.on != both && r.on != on {
			continue
		}
		for _, from := range g.packages() {
			if !matchPackage(r.of, from) || matchPackage(r.not, from) {
				continue
			}
			forbidden := func(to string) bool {
				return to != from && g.matchImport(r.imports, to) && !g.matchImport(r.except, to)
			}
			for _, chain := range g.reach(from, r.direct, forbidden) {
				found = append(found, violation{rule: r, chain: chain})
			}
			if !r.tests {
				continue
			}
			for _, to := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(g[from].TestImports, g[from].XTestImports)))) {
				if forbidden(to) {
					found = append(found, violation{rule: r, chain: []string{from, to}, test: true})
				}
			}
		}
	}
	return found
}

// packages are those of this repository, sorted.
func (g graph) packages() []string {
	var own []string
	for p := range g {
		if isOwn(p) {
			own = append(own, p)
		}
	}
	slices.Sort(own)
	return own
}

// reach walks the imports of a package breadth first, so that each chain is a shortest one. It does not walk
// on behind a forbidden package: one mistake is one message.
func (g graph) reach(from string, direct bool, forbidden func(string) bool) [][]string {
	var found [][]string
	seen := map[string]bool{from: true}
	queue := [][]string{{from}}
	for len(queue) > 0 {
		chain := queue[0]
		queue = queue[1:]
		p := g[chain[len(chain)-1]]
		if p == nil {
			continue
		}
		for _, to := range p.Imports {
			if seen[to] {
				continue
			}
			seen[to] = true
			next := append(slices.Clone(chain), to)
			switch {
			case forbidden(to):
				found = append(found, next)
			case !direct:
				queue = append(queue, next)
			}
		}
	}
	return found
}

func (g graph) standard(importPath string) bool {
	if p := g[importPath]; p != nil {
		return p.Standard
	}
	// Not listed, as happens to the imports of tests: only paths with a host name come from elsewhere.
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// matchImport tells whether an import is one of the patterns of a rule's field imports or except.
func (g graph) matchImport(patterns, importPath string) bool {
	for pattern := range strings.FieldsSeq(patterns) {
		switch {
		case pattern == "TANDEM":
			if isOwn(importPath) {
				return true
			}
		case pattern == "THIRD-PARTY":
			if !isOwn(importPath) && !g.standard(importPath) && importPath != "C" {
				return true
			}
		case pattern == "." || strings.HasPrefix(pattern, "./"):
			if isOwn(importPath) && match(strings.TrimPrefix(pattern, "./"), relative(importPath)) {
				return true
			}
		case match(pattern, importPath):
			return true
		}
	}
	return false
}

// matchPackage tells whether a package of this repository is one of the patterns of a rule's field of or not.
func matchPackage(patterns, importPath string) bool {
	for pattern := range strings.FieldsSeq(patterns) {
		if pattern == "ALL" || match(pattern, relative(importPath)) {
			return true
		}
	}
	return false
}

// match compares path element by element; * stands for one element, a final ... for any number, none included.
func match(pattern, importPath string) bool {
	if parent, ok := strings.CutSuffix(pattern, "/..."); ok {
		depth := strings.Count(parent, "/") + 1
		elements := strings.Split(importPath, "/")
		return len(elements) >= depth && match(parent, strings.Join(elements[:depth], "/"))
	}
	ok, err := path.Match(pattern, importPath)
	if err != nil {
		panic(fmt.Sprintf("pattern %q: %v", pattern, err))
	}
	return ok
}

func isOwn(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

// relative is a package's path below the module, "." for the root package.
func relative(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

// short is how a package is named in messages.
func short(importPath string) string {
	if importPath == module {
		return "tandem"
	}
	return strings.TrimPrefix(importPath, module+"/")
}

func mapped(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}
