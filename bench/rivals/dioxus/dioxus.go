// Package dioxus is a server of Dioxus, in Rust. Its program is part of the binary; cargo builds it in the user's cache
// directory, which takes minutes the first time.
package dioxus

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

//go:embed server/Cargo.toml server/Cargo.lock server/src
var program embed.FS

// Name is the server of this package, About says what it is.
const (
	Name  = "dioxus"
	About = "Dioxus 0.7 fullstack, websocket server functions"
)

// buildTime bounds cargo.
const buildTime = 20 * time.Minute

// Command gives the program and arguments that run the server, and builds it. An error says why this machine cannot run
// it.
func Command(ctx context.Context) ([]string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	source, err := unpack(filepath.Join(cache, "tandem-bench"))
	if err != nil {
		return nil, err
	}
	target := filepath.Join(cache, "tandem", "dioxus-target")
	ctx, cancel := context.WithTimeout(ctx, buildTime)
	defer cancel()
	cargo := exec.CommandContext(ctx, "cargo", "build", "--release", "--locked", "--quiet")
	cargo.Dir = source
	cargo.Env = append(os.Environ(), "CARGO_TARGET_DIR="+target)
	cargo.WaitDelay = time.Second // what cargo has started may hold its output open
	if out, err := cargo.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cargo build: %w: %.400s", err, out)
	}
	// Rust leaves the soft limit of open files as it is, Go and Node raise theirs.
	return []string{"sh", "-c", `ulimit -n "$(ulimit -H -n)" && exec "$0"`, filepath.Join(target, "release", "tandem-bench-dioxus")}, nil
}

// unpack writes the program's source to a directory named after its content.
func unpack(cache string) (dir string, err error) {
	root, err := fs.Sub(program, "server")
	if err != nil {
		return "", err
	}
	files := map[string][]byte{}
	sum := sha256.New()
	err = fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, name)
		files[name] = b
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", name, len(b), b)
		return err
	})
	if err != nil {
		return "", err
	}
	dir = filepath.Join(cache, "dioxus-"+hex.EncodeToString(sum.Sum(nil))[:12])
	for name, b := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			continue // cargo builds again what is newer than its program
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // nothing in it is secret
			return "", err
		}
		if err := os.WriteFile(path, b, 0o644); err != nil { //nolint:gosec // nothing in it is secret
			return "", err
		}
	}
	return dir, nil
}
