package browser_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem/internal/assert"
)

const guideFile = "../../docs/page-in-go.md"

// TestGuide follows docs/page-in-go.md in an empty folder: what it prints is built, tested, served and used, as it is after
// section 4 and in the end.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile(guideFile)
	assert.NoError(t, err)
	before, after, found := strings.Cut(string(text), "\n## 5. ")
	assert.True(t, found, "a section 5")
	g := startGuide(t)

	assert.Equal(t, g.write(before), 10, "files in sections 1 to 4")
	g.build()
	g.vet()
	t.Run("mounted", func(t *testing.T) { g.use(t, "Loading …") })

	assert.Equal(t, g.write(after), 4, "files in the rest")
	g.build()
	g.vet()
	g.run("go", "test", "./...")
	t.Run("hydrated", func(t *testing.T) { g.use(t, `role="status">connecting</span>`) })
}

// The files beside the guide that it leads to are there.
func TestGuide_links(t *testing.T) {
	text, err := os.ReadFile(guideFile)
	assert.NoError(t, err)
	prose := regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(string(text), "")
	links := regexp.MustCompile(`\]\(([^)#:]+)`).FindAllStringSubmatch(prose, -1)
	assert.True(t, len(links) > 3, "links: %q", links)
	for _, link := range links {
		_, err := os.Stat(filepath.Join(filepath.Dir(guideFile), link[1]))
		assert.NoError(t, err)
	}
}

// guide is the folder in which the guide is followed.
type guide struct {
	t    *testing.T
	dir  string
	addr string // of its server, instead of localhost:8080
}

// startGuide makes the folder. Its module takes tandem from this repository.
func startGuide(t *testing.T) *guide {
	t.Helper()
	if _, err := exec.LookPath("gzip"); err != nil {
		assert.Missing(t, "no gzip, which build.sh packs with")
	}
	l, err := net.Listen("tcp", "localhost:0")
	assert.NoError(t, err)
	assert.NoError(t, l.Close())
	_, port, err := net.SplitHostPort(l.Addr().String())
	assert.NoError(t, err)
	g := &guide{t, t.TempDir(), "localhost:" + port}
	root, err := filepath.Abs("../..")
	assert.NoError(t, err)
	g.run("go", "mod", "init", "example.com/hello")
	g.run("go", "mod", "edit", "-require=github.com/tandem-ws/tandem@v0.0.0", "-replace=github.com/tandem-ws/tandem="+root)
	sums, err := os.ReadFile("../../go.sum")
	assert.NoError(t, err)
	assert.NoError(t, os.WriteFile(filepath.Join(g.dir, "go.sum"), sums, 0o600))
	return g
}

// write writes the files that a part of the guide prints, and tells how many there were: each is a line with the name
// alone, and a block of code.
func (g *guide) write(part string) (files int) {
	g.t.Helper()
	block := regexp.MustCompile("(?ms)^`([^`\n]+)`\n\n```[a-z]+\n(.*?)^```$")
	for _, m := range block.FindAllStringSubmatch(part, -1) {
		name, text := filepath.Join(g.dir, m[1]), m[2]
		assert.NoError(g.t, os.MkdirAll(filepath.Dir(name), 0o750))
		assert.NoError(g.t, os.WriteFile(name, []byte(strings.ReplaceAll(text, "localhost:8080", g.addr)), 0o600))
		files++
	}
	return files
}

// build does what the guide says to do in a shell.
func (g *guide) build() {
	g.t.Helper()
	g.run("go", "mod", "tidy")
	g.run("sh", "build.sh")
	g.run("go", "build", "-o", "hello.bin", ".")
}

// vet has nothing to say about what is printed.
func (g *guide) vet() {
	g.t.Helper()
	g.run("go", "vet", ".", "./api", "./page")
	assert.Equal(g.t, g.run("gofmt", "-l", "-s", "."), "", "not formatted")
}

func (g *guide) run(name string, args ...string) (output string) {
	g.t.Helper()
	cmd := exec.CommandContext(g.t.Context(), name, args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	assert.NoError(g.t, err, "%s %q: %s", name, args, out)
	return string(out)
}

// serve starts the server that was built. stop is what Ctrl-C does.
func (g *guide) serve(t *testing.T) (stop func()) {
	t.Helper()
	var errs strings.Builder
	cmd := exec.Command("./hello.bin")
	cmd.Dir, cmd.Stderr = g.dir, &errs
	assert.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })                                 // unless it has ended
	for end := time.Now().Add(patience); ; <-time.After(10 * time.Millisecond) { // it says nothing when it is ready
		conn, err := net.Dial("tcp", g.addr)
		if err == nil {
			conn.Close()
			break
		}
		assert.True(t, time.Now().Before(end), "the server does not listen: %v", err)
	}
	return func() {
		t.Helper()
		assert.NoError(t, cmd.Process.Signal(os.Interrupt))
		assert.NoError(t, cmd.Wait(), "%s", &errs)
		assert.Equal(t, strings.Count(errs.String(), "\n"), 1, "it says where it serves, and nothing else: %s", &errs)
	}
}

// use does with the page what the guide says can be done. content is what its document has before the program runs.
func (g *guide) use(t *testing.T, content string) {
	stop := g.serve(t)
	document, _ := g.get(t, "", "")
	assert.True(t, strings.Contains(document, content), "%q in %s", content, document)
	_, h := g.get(t, "app.wasm", "gzip")
	assert.Equal(t, h.Get("Content-Type")+" "+h.Get("Content-Encoding"), "application/wasm gzip")
	program, h := g.get(t, "app.wasm", "")
	assert.Equal(t, h.Get("Content-Type")+" "+h.Get("Content-Encoding"), "application/wasm ")
	assert.True(t, strings.HasPrefix(program, "\x00asm"), "a program: %.8q", program)

	b := openPage(t, browser(t), "http://"+g.addr+"/")
	status := func(text string) {
		t.Helper()
		b.until(fmt.Sprintf(`document.querySelector("#status").textContent.startsWith(%q)`, text))
	}
	last := func(text string) {
		t.Helper()
		b.until(fmt.Sprintf(`document.querySelector("#replies li:last-child").textContent === %q`, text))
	}
	send := func(text string) {
		t.Helper()
		b.run(chromedp.SendKeys(chromedp.CSS("#input"), text+"\r"))
	}
	name := func(text string) {
		t.Helper()
		eval[bool](b, fmt.Sprintf(`(e => { e.value = %q; return e.dispatchEvent(new Event("input", { bubbles: true })); })(document.querySelector("#name"))`, text))
	}
	status("open")
	last("Hello, Ada! line 0")
	send("<b>hi</b>")
	last("<B>HI</B> line 1")

	name("")
	status("closed by the server: 4403 who are you?")
	name("Grace")
	last("Hello, Grace! line 0")
	status("open")

	stop()
	b.until(`document.querySelector("#status").textContent !== "open"`)
	again := g.serve(t)
	if eval[bool](b, `!document.querySelector("#retry")`) { // a session that waits for its server
		status("open, but something may be lost: ")
	} else {
		b.run(chromedp.Click(chromedp.CSS("#retry")))
		status("open")
	}
	last("Hello, Grace! line 0")
	send("back")
	last("BACK line 1")
	again()
}

func (g *guide) get(t *testing.T, path, accept string) (body string, h http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), "GET", "http://"+g.addr+"/"+path, http.NoBody)
	assert.NoError(t, err)
	req.Header.Set("Accept-Encoding", accept) // by itself the client would ask for gzip, and unpack it
	resp, err := http.DefaultClient.Do(req)
	assert.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	assert.NoError(t, err)
	assert.Equal(t, resp.StatusCode, http.StatusOK)
	return string(b), resp.Header
}
