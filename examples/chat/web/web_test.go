package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/examples/chat/web"
	"github.com/tandem-ws/tandem/internal/assert"
)

const root = "../../.."

func get(t *testing.T, path, accept string) (resp *http.Response, body []byte) {
	t.Helper()
	mux := http.NewServeMux()
	web.Handle(mux)
	r := httptest.NewRequestWithContext(t.Context(), "GET", path, http.NoBody)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w.Result(), w.Body.Bytes()
}

// The page is at each room's address, loads its assets, and those are never asked for again.
func TestHandle(t *testing.T) {
	resp, page := get(t, "/", "")
	assert.Equal(t, resp.StatusCode, http.StatusOK)
	assert.Equal(t, resp.Header.Get("Content-Type"), "text/html; charset=utf-8")
	assert.Equal(t, resp.Header.Get("Content-Security-Policy"), web.Policy)
	assert.Equal(t, resp.Header.Get("Cache-Control"), "no-cache")
	assert.True(t, !strings.Contains(web.Policy, "unsafe"), web.Policy)

	_, other := get(t, "/rooms/kitchen", "")
	assert.True(t, bytes.Equal(other, page), "the same page in each room")

	for ext, content := range map[string]string{"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"} {
		path := regexp.MustCompile(`"(/assets/[\w-]+\.` + ext + `)"`).FindSubmatch(page)
		assert.True(t, path != nil, string(page))
		resp, plain := get(t, string(path[1]), "br, gzip;q=0")
		assert.Equal(t, resp.StatusCode, http.StatusOK)
		assert.Equal(t, resp.Header.Get("Content-Type"), content)
		assert.Equal(t, resp.Header.Get("Cache-Control"), "public, max-age=31536000, immutable")
		assert.Equal(t, resp.Header.Get("Content-Encoding"), "")

		resp, packed := get(t, string(path[1]), "br, gzip;q=0.5")
		assert.Equal(t, resp.Header.Get("Content-Encoding"), "gzip")
		z, err := gzip.NewReader(bytes.NewReader(packed))
		assert.NoError(t, err)
		unpacked, err := io.ReadAll(z)
		assert.NoError(t, err)
		assert.True(t, bytes.Equal(unpacked, plain), "compressed, it is the same")
		assert.True(t, len(packed)*2 < len(plain), "%d bytes instead of %d", len(packed), len(plain))
	}
	for _, path := range []string{"/inputs.txt", "/index.html", "/assets/", "/assets/index.js", "/rooms/", "/rooms/a/b", "/api/chat/x/y", "/other"} {
		resp, _ := get(t, path, "")
		assert.Equal(t, resp.StatusCode, http.StatusNotFound, path)
	}
}

// What is served was built of what is there. That takes no Node: the build has noted what it was given.
func TestInputs(t *testing.T) {
	list, err := os.ReadFile("dist/inputs.txt")
	assert.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(list), "\n"), "\n")
	assert.True(t, len(lines) > 20, string(list))
	for _, line := range lines {
		want, name, _ := strings.Cut(line, "  ")
		src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		assert.NoError(t, err, "npm run build in examples/chat/web")
		hash := sha256.Sum256(src)
		assert.True(t, hex.EncodeToString(hash[:]) == want, name+" has changed since the page was built: npm run build in examples/chat/web")
	}
}

// run runs a program of npm packages.
func run(t *testing.T, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		assert.Missing(t, "no node")
	}
	if _, err := os.Stat("node_modules/vite"); err != nil {
		assert.Missing(t, "vite is not installed: npm ci in examples/chat/web")
	}
	out, err := exec.CommandContext(t.Context(), "node", args...).CombinedOutput()
	assert.NoError(t, err, string(out))
}

func TestTypes(t *testing.T) { run(t, "node_modules/typescript/bin/tsc") }

// The build gives what is served, to the last byte.
func TestBuild(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "dist")
	run(t, "node_modules/vite/bin/vite.js", "build", "--outDir", fresh)
	assert.Equal(t, files(t, "dist"), files(t, fresh), "npm run build in examples/chat/web")
}

// files are the names of all files below a directory, with hashes of what is in them.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		hash := sha256.Sum256(content)
		all[name] = hex.EncodeToString(hash[:])
		return err
	})
	assert.NoError(t, err)
	return all
}
