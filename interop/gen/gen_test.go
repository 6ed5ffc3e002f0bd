package gen_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	jsoncodec "github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/gen/api"
)

// node runs a program of npm packages that are installed here, in a directory that knows them.
func node(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, string(out))
}

// needNode skips a test where there is no node, or npm ci has not been run.
func needNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		assert.Missing(t, "no node")
	}
	for _, name := range []string{"typescript", "ajv", "ajv-formats", "@asyncapi/specs"} {
		if _, err := os.Stat(filepath.Join("node_modules", name)); err != nil {
			assert.Missing(t, name+" is not installed: npm ci in interop/gen")
		}
	}
}

var section = regexp.MustCompile(`(?ms)^-- want\.(\S+) --\n(.*?)(^-- |\z)`)

// goldens writes what the golden files of cmd/tandem say is generated into a directory, and tells how many there are.
func goldens(t *testing.T, dir, suffix string) int {
	t.Helper()
	files, err := filepath.Glob("../../cmd/tandem/testdata/*.txtar")
	assert.NoError(t, err)
	n := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		assert.NoError(t, err)
		for rest := string(text); ; {
			at := section.FindStringSubmatchIndex(rest)
			if at == nil {
				break
			}
			name, content := rest[at[2]:at[3]], rest[at[4]:at[5]]
			rest = rest[at[5]:]
			if strings.HasSuffix(name, suffix) {
				n++
				name = strings.TrimSuffix(filepath.Base(f), ".txtar") + "." + name
				assert.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
			}
		}
	}
	return n
}

// project makes a directory for the compiler, with the source of the client.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	assert.NoError(t, os.CopyFS(dir, os.DirFS("testdata")))
	client := filepath.Join(dir, "client")
	assert.NoError(t, os.CopyFS(client, os.DirFS("../../clients/typescript/src")))
	for _, hooks := range []string{"react.ts", "vue.ts", "svelte.ts", "solid.ts"} { // would need what they are for
		if err := os.Remove(filepath.Join(client, hooks)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	assert.NoError(t, os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`), 0o600))
	return dir
}

func tsc(t *testing.T, dir string, args ...string) {
	t.Helper()
	program, err := filepath.Abs("node_modules/typescript/bin/tsc")
	assert.NoError(t, err)
	node(t, dir, append([]string{program, "-p", "."}, args...)...)
}

// TestTypeScript has the compiler look at all that is generated, and at usage.ts, which says what must not compile.
func TestTypeScript(t *testing.T) {
	needNode(t)
	dir := project(t)
	assert.True(t, goldens(t, dir, "ts") > 15, "there are files to compile")
	tsc(t, dir)
}

// TestMatch runs constructors and match of every form of a union, compiled to JavaScript.
func TestMatch(t *testing.T) {
	needNode(t)
	dir := project(t)
	goldens(t, dir, "ts")
	compile(t, dir)
	node(t, dir, "match.mjs")
}

// compile makes JavaScript of a project, with the client as the package that it imports.
func compile(t *testing.T, dir string) {
	t.Helper()
	tsc(t, dir, "--noEmit", "false", "--outDir", "out")
	client := filepath.Join(dir, "node_modules", "@tandem-ws", "client")
	assert.NoError(t, os.CopyFS(client, os.DirFS(filepath.Join(dir, "out", "client"))))
	manifest := `{"name":"@tandem-ws/client","type":"module","exports":{".":"./index.js","./types":"./types.js"}}`
	assert.NoError(t, os.WriteFile(filepath.Join(client, "package.json"), []byte(manifest), 0o600))
}

// TestDocuments validates schemas with the meta-schema, and AsyncAPI documents with the official schema.
func TestDocuments(t *testing.T) {
	needNode(t)
	dir := t.TempDir()
	assert.True(t, goldens(t, dir, "schema.json") > 15, "there are schemas")
	assert.True(t, goldens(t, dir, "asyncapi.json") > 3, "there are AsyncAPI documents")
	node(t, ".", "check.mjs", dir)
}

// verdict is a line for check.mjs.
type verdict struct {
	Def   string `json:"def"`
	Valid bool   `json:"valid"`
	Value string `json:"value"`
}

// TestValues has what the codec writes judged by the schema that is generated.
func TestValues(t *testing.T) {
	needNode(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "api.schema.json")
	gen := exec.CommandContext(t.Context(), "go", "run", "../../cmd/tandem", "gen", "jsonschema", "-o", out, "./api")
	text, err := gen.CombinedOutput()
	assert.NoError(t, err, string(text))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var values []verdict
	for range 300 {
		for def, v := range map[string]reflect.Value{"Feed.in": reflect.ValueOf(new(api.Event)), "Feed.out": reflect.ValueOf(new(api.Everything))} {
			fill(r, v.Elem(), 6)
			written, err := jsoncodec.Codec.Append(nil, v.Interface())
			assert.NoError(t, err)
			values = append(values, verdict{def, true, string(written)})
		}
	}
	for _, wrong := range []string{`"Said"`, `"Gone"`, `{"Said":1}`, `{"Said":"","Left":null}`, `{"Moved":{"X":128,"Y":0}}`, `{"Moved":{"X":0}}`, `null`} {
		values = append(values, verdict{"Feed.in", false, wrong})
	}
	for def, wrong := range map[string]string{
		"Role": `"king"`, "Level": `3`, "Point": `[1,2]`, "Shape": `{"type":"circle"}`, "Ints": `{}`, "OpenEvent": `{"Said":1}`,
	} {
		values = append(values, verdict{def, false, wrong})
	}
	lines, err := json.Marshal(values)
	assert.NoError(t, err)
	assert.NoError(t, os.WriteFile(filepath.Join(dir, "api.values.json"), lines, 0o600))
	node(t, ".", "check.mjs", dir)
}
