// Package script is the servers in other languages: npm's ws on Node, and Bun. Their programs are part of the binary;
// what they need is installed once, with npm, in the user's cache directory.
package script

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

//go:embed js
var programs embed.FS

// Names are the servers of this package.
var Names = []string{"node-ws", "bun"}

// About says what a server is.
var About = map[string]string{"node-ws": "npm ws on Node", "bun": "Bun, which is uWebSockets"}

// installTime bounds npm.
const installTime = 2 * time.Minute

// Command gives the program and arguments that run a server, installing what it needs. An error says why this machine
// cannot run it.
func Command(ctx context.Context, name string) ([]string, error) {
	dir, err := install(ctx)
	if err != nil {
		return nil, err
	}
	if name == "bun" {
		arch := map[string]string{"amd64": "x64", "arm64": "aarch64"}[runtime.GOARCH]
		bin := filepath.Join(dir, "node_modules", "@oven", "bun-linux-"+arch, "bin", "bun")
		if _, err := os.Stat(bin); err != nil {
			return nil, errors.New("npm has installed no Bun for this machine")
		}
		return []string{bin, "run", filepath.Join(dir, "bun.js")}, nil
	}
	return []string{"node", "--expose-gc", filepath.Join(dir, "node.js")}, nil
}

// install unpacks the programs and runs npm, unless that has been done.
func install(ctx context.Context) (dir string, err error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("no %s on this machine", program)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	entries, err := programs.ReadDir("js")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	files := map[string][]byte{}
	for _, e := range entries {
		b, err := programs.ReadFile("js/" + e.Name())
		if err != nil {
			return "", err
		}
		files[e.Name()] = b
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", e.Name(), len(b), b)
	}
	dir = filepath.Join(cache, "tandem-bench", hex.EncodeToString(sum.Sum(nil))[:12])
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // nothing in it is secret
		return "", err
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil { //nolint:gosec // nothing in it is secret
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, installTime)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install: %w: %.200s", err, out)
	}
	return dir, os.WriteFile(done, nil, 0o644) //nolint:gosec // nothing in it is secret
}
