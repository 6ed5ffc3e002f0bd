package browser_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/guide"
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

	assert.Equal(t, g.Write(before), 10, "files in sections 1 to 4")
	g.build()
	g.vet(t)
	t.Run("mounted", func(t *testing.T) { g.use(t, "Loading …") })

	assert.Equal(t, g.Write(after), 4, "files in the rest")
	g.build()
	g.vet(t)
	g.Run("go", "test", "./...")
	t.Run("hydrated", func(t *testing.T) { g.use(t, `role="status">connecting</span>`) })
}

// The files beside the guide that it leads to are there.
func TestGuide_links(t *testing.T) { guide.Links(t, guideFile) }

// goGuide is the folder in which the guide is followed.
type goGuide struct{ *guide.Folder }

// startGuide makes the folder.
func startGuide(t *testing.T) goGuide {
	t.Helper()
	if _, err := exec.LookPath("gzip"); err != nil {
		assert.Missing(t, "no gzip, which build.sh packs with")
	}
	g := goGuide{guide.NewFolder(t)}
	g.Run("go", "mod", "init", "example.com/hello")
	g.UseRepository("../..")
	return g
}

// build does what the guide says to do in a shell.
func (g goGuide) build() {
	g.Run("go", "mod", "tidy")
	g.Run("sh", "build.sh")
	g.Run("go", "build", "-o", "hello.bin", ".")
}

// vet has nothing to say about what is printed.
func (g goGuide) vet(t *testing.T) {
	t.Helper()
	g.Run("go", "vet", ".", "./api", "./page")
	assert.Equal(t, g.Run("gofmt", "-l", "-s", "."), "", "not formatted")
}

// serve starts the server that was built. stop is what Ctrl-C does.
func (g goGuide) serve(t *testing.T) (stop func()) {
	t.Helper()
	server := g.Serve(t, g.Addr, patience, "./hello.bin")
	return func() {
		t.Helper()
		server.Interrupt(t)
		output := server.Output.String()
		assert.Equal(t, strings.Count(output, "\n"), 1, "it says where it serves, and nothing else: %s", output)
	}
}

// use does with the page what the guide says can be done. content is what its document has before the program runs.
func (g goGuide) use(t *testing.T, content string) {
	stop := g.serve(t)
	document, _ := g.get(t, "", "")
	assert.True(t, strings.Contains(document, content), "%q in %s", content, document)
	_, h := g.get(t, "app.wasm", "gzip")
	assert.Equal(t, h.Get("Content-Type")+" "+h.Get("Content-Encoding"), "application/wasm gzip")
	program, h := g.get(t, "app.wasm", "")
	assert.Equal(t, h.Get("Content-Type")+" "+h.Get("Content-Encoding"), "application/wasm ")
	assert.True(t, strings.HasPrefix(program, "\x00asm"), "a program: %.8q", program)

	b := openPage(t, browser(t), "http://"+g.Addr+"/")
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

func (g goGuide) get(t *testing.T, path, accept string) (body string, h http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), "GET", "http://"+g.Addr+"/"+path, http.NoBody)
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
