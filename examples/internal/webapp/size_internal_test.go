package webapp

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

// What a browser downloads, in bytes: the pages of the examples are not to grow past this. With -v, as in the step size of
// .ci/test, the sizes are printed.
func TestSize(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		assert.Missing(t, "no node, which compresses")
	}
	for _, row := range []struct {
		pkg string
		max int
	}{
		{"github.com/tandem-ws/tandem/examples/uppercase/web", 920_000},
		{"github.com/tandem-ws/tandem/examples/cursors/web", 920_000},
	} {
		for _, inline := range []bool{false, true} {
			raw, packed := size(t, row.pkg, inline)
			t.Logf("%s, inlining %v: %d bytes, %d with brotli, of at most %d", strings.TrimPrefix(row.pkg, "github.com/tandem-ws/tandem/"), inline, raw, packed, row.max)
			assert.True(t, inline || packed <= row.max, "%s has grown to %d bytes (brotli), at most %d", row.pkg, packed, row.max)
		}
	}
	raw, packed := size(t, empty(t), false)
	t.Logf("an empty program: %d bytes, %d with brotli", raw, packed)
}

// size builds a package as it is served, or with inlining, and compresses it.
func size(t *testing.T, pkg string, inline bool) (raw, packed int) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "app.wasm")
	with := flags
	if inline {
		with = flags[:2]
	}
	_, err := goCommand(append([]string{"build", "-o", out}, append(slices.Clip(with), pkg)...)...)
	assert.NoError(t, err)
	program, err := os.ReadFile(out)
	assert.NoError(t, err)
	node := exec.CommandContext(t.Context(), "node", "-e",
		`process.stdout.write(String(require("zlib").brotliCompressSync(require("fs").readFileSync(0)).length))`)
	node.Stdin = bytes.NewReader(program)
	text, err := node.Output()
	assert.NoError(t, err)
	packed, err = strconv.Atoi(string(text))
	assert.NoError(t, err)
	return len(program), packed
}

// empty is a program that does nothing.
func empty(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "main.go")
	assert.NoError(t, os.WriteFile(file, []byte("package main\n\nfunc main() {}\n"), 0o600))
	return file
}
