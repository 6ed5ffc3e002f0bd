package typescript_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/internal/chromium"
	"github.com/tandem-ws/tandem/interop/internal/guide"
)

const guideFile = "../../docs/react.md"

// TestGuide follows docs/react.md in an empty folder: what it prints is built, served and used, by itself and behind Vite,
// until a type changes under a page that is open.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile(guideFile)
	assert.NoError(t, err)
	parts := strings.Split(string(text), "\n## ")
	assert.Equal(t, len(parts), 8, "the beginning, six sections, and where next")
	g := startGuide(t)

	g.Run("sh", "-ec", strings.Replace(g.commands(t, parts[0]), "mkdir board && cd board\n", "", 1))
	g.UseRepository("../..")
	for i, files := range []int{1, 1, 6} {
		part := parts[1+i]
		assert.Equal(t, g.Write(part), files, "files in section %d", 1+i)
		for _, commands := range guide.Blocks(part, "sh") {
			g.install(t, commands)
		}
	}
	assert.Equal(t, g.Run("gofmt", "-l", "-s", "."), "", "not formatted")
	g.Run("go", "vet", ".", "./api")

	assert.Equal(t, g.commands(t, parts[4]), "go run .\n")
	server := g.serve(t)
	browser := chromium.Start(t)
	ada, grace := g.open(t, browser, ""), g.open(t, browser, "?name=Grace")
	ada.status("You are Ada")
	grace.status("You are Grace")
	ada.pin("<b>hello</b>")
	grace.pin("good evening, " + strings.Repeat("x", 200))
	for _, page := range []board{ada, grace} {
		page.notes("<b>hello</b> Ada", "good evening, "+strings.Repeat("x", 200)+" Grace")
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{800, 360} {
			ada.Shot("react-guide", scheme, width, 480)
			assert.True(t, chromium.Eval[bool](ada.Tab, "document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out at %d px", width)
		}
	}

	server.Kill(t)
	ada.status("waiting Try now")
	server = g.serve(t)
	chromium.Eval[chromedp.Void](ada.Tab, `document.querySelector("[role=status] button")?.click()`) // unless it was faster
	grace.status("You are Grace")
	ada.status("You are Ada")
	grace.notes()
	grace.pin("back")
	ada.notes("back Grace")

	t.Run("vite", func(t *testing.T) { g.vite(t, browser, parts[5]) })
	t.Run("rename", func(t *testing.T) { g.rename(t, parts[6], server, ada) })
}

// The files beside the guide that it leads to are there.
func TestGuide_links(t *testing.T) { guide.Links(t, guideFile) }

// reactGuide is the folder in which the guide is followed.
type reactGuide struct {
	*guide.Folder
	packages map[string]string // by the names of the guide, what is installed for them
}

// startGuide makes the folder, and the package of the TypeScript client.
func startGuide(t *testing.T) reactGuide {
	t.Helper()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			assert.Missing(t, "no "+name)
		}
	}
	var manifest struct{ Dependencies, DevDependencies map[string]string }
	text, err := os.ReadFile("package.json")
	assert.NoError(t, err)
	assert.NoError(t, json.Unmarshal(text, &manifest))
	g := reactGuide{guide.NewFolder(t), map[string]string{"@tandem-ws/client": pack(t)}}
	for _, versions := range []map[string]string{manifest.Dependencies, manifest.DevDependencies} {
		for name, version := range versions {
			g.packages[name] = name + "@" + version
		}
	}
	return g
}

// pack does for clients/typescript what publishing it does, in a copy, and gives the package.
func pack(t *testing.T) string {
	t.Helper()
	const client = "../../clients/typescript"
	modules, err := filepath.Abs(filepath.Join(client, "node_modules"))
	assert.NoError(t, err)
	if _, err := os.Stat(filepath.Join(modules, "typescript")); err != nil {
		assert.Missing(t, "typescript is not installed: npm ci in clients/typescript")
	}
	dir := t.TempDir()
	assert.NoError(t, os.CopyFS(filepath.Join(dir, "src"), os.DirFS(filepath.Join(client, "src"))))
	for _, name := range []string{"package.json", "tsconfig.json", "tsconfig.build.json"} {
		text, err := os.ReadFile(filepath.Join(client, name))
		assert.NoError(t, err)
		assert.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	assert.NoError(t, os.Symlink(modules, filepath.Join(dir, "node_modules")))
	cmd := exec.CommandContext(t.Context(), "npm", "pack", "--loglevel=error")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "npm pack: %s", out)
	packages, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	assert.NoError(t, err)
	assert.Equal(t, len(packages), 1, "packages: %q", packages)
	return packages[0]
}

// commands gives the one block of commands of a part.
func (g reactGuide) commands(t *testing.T, part string) string {
	t.Helper()
	blocks := guide.Blocks(part, "sh")
	assert.Equal(t, len(blocks), 1, "blocks of commands")
	return blocks[0]
}

var offline = regexp.MustCompile(`npm (error|ERR!) (code|errno) (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH)`)

// install runs commands. What they install is our package, and the versions of package.json, which npm has kept if those were
// installed here.
func (g reactGuide) install(t *testing.T, commands string) {
	t.Helper()
	lines := strings.Split(commands, "\n")
	for i, line := range lines {
		if words := strings.Fields(line); strings.HasPrefix(line, "npm install ") {
			for j, word := range words[2:] {
				if !strings.HasPrefix(word, "-") {
					assert.True(t, g.packages[word] != "", "%s has a version in package.json", word)
					words[2+j] = g.packages[word]
				}
			}
			lines[i] = strings.Join(append(words, "--prefer-offline", "--no-audit", "--no-fund"), " ")
		}
	}
	output, err := g.Try("sh", "-ec", strings.Join(lines, "\n"))
	if err != nil && offline.MatchString(output) {
		assert.Missing(t, "the registry of npm cannot be reached")
	}
	assert.NoError(t, err, "%s: %s", commands, output)
}

// serve starts the server. It is built first, because go run would not pass on that it is killed.
func (g reactGuide) serve(t *testing.T) *guide.Server {
	t.Helper()
	g.Run("go", "build", "-o", "board.bin", ".")
	return g.Serve(t, g.Addr, chromium.Patience, "./board.bin")
}

// board is the page in a tab.
type board struct{ *chromium.Tab }

func (g reactGuide) open(t *testing.T, browser context.Context, query string) board {
	t.Helper()
	return board{chromium.Open(t, browser, "http://"+g.Addr+"/"+query)}
}

// status waits until this is what the line says, with the button.
func (b board) status(text string) {
	b.Until(fmt.Sprintf(`document.querySelector("[role=status]").textContent.trim() === %q`, text))
}

// notes waits until these are on the board.
func (b board) notes(texts ...string) {
	want, err := json.Marshal(append([]string{}, texts...))
	if err != nil {
		panic(err)
	}
	b.Until(fmt.Sprintf(`JSON.stringify([...document.querySelectorAll("li")].map((e) => e.textContent)) === JSON.stringify(%s)`, want))
}

// pin types a text and Enter. chromedp.SendKeys would look at attributes of the input, while React changes them.
func (b board) pin(text string) {
	chromium.Eval[chromedp.Void](b.Tab, `document.querySelector("input").focus()`)
	b.Do(chromedp.KeyEvent(text + "\r"))
}

// vite runs the development server in front of the server, as the guide does and as it warns of.
func (g reactGuide) vite(t *testing.T, browser context.Context, part string) {
	assert.Equal(t, g.commands(t, part), "cd web\nnpm run dev\n")
	config := filepath.Join(g.Dir, "web", "vite.config.ts")
	right, err := os.ReadFile(config)
	assert.NoError(t, err)
	wrong := strings.Replace(string(right), "ws: true", "ws: true, changeOrigin: true", 1)
	assert.NoError(t, os.WriteFile(filepath.Join(g.Dir, "web", "wrong.config.ts"), []byte(wrong), 0o600))

	for _, row := range []struct {
		args   []string
		status int
	}{
		{nil, http.StatusSwitchingProtocols},
		{[]string{"--config", "wrong.config.ts"}, http.StatusForbidden},
	} {
		addr := guide.FreeAddress(t)
		_, port, _ := strings.Cut(addr, ":")
		args := append([]string{"--prefix", "web", "run", "dev", "--", "--strictPort", "--port", port}, row.args...)
		vite := g.Serve(t, addr, chromium.Patience, "npm", args...)
		assert.Equal(t, handshake(t, addr), row.status, "%q", row.args)
		page := board{chromium.Open(t, browser, "http://"+addr+"/?name=Eve")}
		if row.status == http.StatusForbidden {
			page.status("waiting Try now")
		} else {
			page.status("You are Eve")
			page.pin("by Vite")
			page.notes("back Grace", "by Vite Eve")
		}
		vite.Kill(t)
	}
}

// handshake asks for the websocket as a page of this server does, and gives the status.
func handshake(t *testing.T, addr string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+addr+"/api/board?name=Eve", http.NoBody)
	assert.NoError(t, err)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Origin": "http://" + addr,
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	assert.NoError(t, err, addr)
	assert.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

// rename changes a type: the compiler says what the guide says, and a page that was open becomes stale.
func (g reactGuide) rename(t *testing.T, part string, server *guide.Server, page board) {
	field, says := guide.Blocks(part, "go"), guide.Blocks(part, "text")
	assert.Equal(t, []int{len(field), len(says)}, []int{1, 1}, "the field, and what the compiler says")
	g.edit(t, "api/api.go", "Text string `json:\"text\"`\n}\n\nfunc", strings.TrimSpace(field[0])+"\n}\n\nfunc")
	g.edit(t, "main.go", "Text: pin.Text", "Body: pin.Text")
	output, err := g.Try("sh", "-ec", g.commands(t, part))
	assert.True(t, err != nil && strings.HasSuffix(output, "\n"+says[0]), "the compiler says %s%s", output, err)

	g.edit(t, "web/src/Board.tsx", "note.text", "note.body")
	g.Run("sh", "-ec", g.commands(t, part))
	page.status("You are Ada")
	server.Kill(t)
	g.serve(t)
	page.status("stale Reload")
	page.Shot("react-guide-stale", "light", 800, 480)
	page.Do(chromedp.Click(chromedp.CSS("[role=status] button")))
	page.status("You are Ada")
	page.pin("new")
	page.notes("new Ada")
}

// edit changes what is in one place of a file.
func (g reactGuide) edit(t *testing.T, name, before, after string) {
	t.Helper()
	name = filepath.Join(g.Dir, filepath.FromSlash(name))
	text, err := os.ReadFile(name)
	assert.NoError(t, err)
	assert.Equal(t, strings.Count(string(text), before), 1, "%q in %s", before, name)
	assert.NoError(t, os.WriteFile(name, []byte(strings.Replace(string(text), before, after, 1)), 0o600))
}
