//go:build !js

package wasm

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Package is this one.
const Package = "github.com/tandem-ws/tandem/interop/wasm"

// Build compiles the tests of a package for js, and gives the file.
func Build(t *testing.T, pkg string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "client.wasm")
	//nolint:gosec // the file is in the directory of the test
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", file, pkg)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go test -c: %s\n%s", err, out)
	}
	return file
}

// Report makes a subtest of each test in the output of test binary with -test.v, as it comes.
func Report(t *testing.T, output io.Reader) error {
	var log strings.Builder
	ran := 0
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text()) // those of subtests stand further in
		outcome, name, ok := strings.Cut(strings.TrimPrefix(line, "--- "), ": ")
		if !ok || !strings.HasPrefix(line, "--- ") {
			if !strings.HasPrefix(line, "=== ") {
				fmt.Fprintln(&log, lines.Text())
			}
			continue
		}
		ran++
		name, _, _ = strings.Cut(name, " ")
		t.Run(name, func(t *testing.T) {
			if log.Len() > 0 {
				t.Log(log.String())
			}
			if outcome != "PASS" {
				t.Fail()
			}
		})
		log.Reset()
	}
	if ran == 0 {
		t.Errorf("no test has run: %s", log.String())
	} else if t.Failed() {
		t.Log(log.String()) // of a panic, for instance
	}
	return lines.Err()
}
