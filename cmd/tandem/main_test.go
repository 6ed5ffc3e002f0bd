package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

// tandem runs the command in the directory that the test is in.
func tandem(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestUsage(t *testing.T) {
	for _, row := range []struct {
		args string
		code int
		want string // in what is printed
	}{
		{"", 2, "tandem gen ts|jsonschema|asyncapi PACKAGE"},
		{"help", 0, "tandem gen ts|jsonschema|asyncapi PACKAGE"},
		{"-h", 0, "tandem gen ts|jsonschema|asyncapi PACKAGE"},
		{"make", 2, `there is no command "make"`},
		{"gen", 2, "say what to write: ts, jsonschema or asyncapi"},
		{"gen -h", 0, "//go:generate go run"},
		{"gen help", 0, "-api-version"},
		{"gen ts -h", 0, "with all its digits"},
		{"gen java ./api", 2, `"java" cannot be written; ts, jsonschema and asyncapi can`},
		{"gen ts", 2, "name one package behind the flags"},
		{"gen ts a b", 2, "name one package behind the flags"},
		{"gen ts -nonsense", 2, "flag provided but not defined: -nonsense; \"tandem gen -h\""},
		{"gen ts -check ./api", 2, "-check needs -o"},
		{"gen ts -time unix ./api", 2, `-time is string or date, not "unix"`},
		{"gen jsonschema -time date ./api", 2, "flag provided but not defined: -time"},
		{"gen ts ./testdata/...", 1, "gen ts ./testdata/...: "},
		{"gen ts ./nowhere", 1, "gen ts ./nowhere: the package does not compile:"},
	} {
		code, stdout, stderr := tandem(t, strings.Fields(row.args)...)
		assert.Equal(t, code, row.code, row.args)
		printed := stderr
		if code == exitOK {
			printed = stdout
		}
		assert.True(t, strings.Contains(printed, row.want), "%s prints\n%s", row.args, printed)
	}
}

// TestUppercase is the whole way for the example of the README.
func TestUppercase(t *testing.T) {
	const api = "../../examples/uppercase/api"
	golden := filepath.Join("testdata", "uppercase.ts")
	if *update {
		code, _, stderr := tandem(t, "gen", "ts", "-o", golden, api)
		assert.Equal(t, code, exitOK, stderr)
	}
	code, _, stderr := tandem(t, "gen", "ts", "-check", "-o", golden, api)
	assert.Equal(t, code, exitOK, stderr)

	// Without -o it goes to standard output.
	want, err := os.ReadFile(golden)
	assert.NoError(t, err)
	code, stdout, stderr := tandem(t, "gen", "ts", api)
	assert.Equal(t, code, exitOK, stderr)
	assert.Equal(t, stdout, string(want))

	// A file that differs is stale, and one that is not there too; neither is written.
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale.ts")
	old := strings.Replace(string(want), "age: number;", "years: number;", 1)
	assert.NoError(t, os.WriteFile(stale, []byte(old), 0o600))
	code, _, stderr = tandem(t, "gen", "ts", "-check", "-o", stale, api)
	assert.Equal(t, code, exitFault)
	assert.True(t, strings.Contains(stderr, "is stale") && strings.Contains(stderr, "-  years: number;\n+  age: number;"), stderr)
	kept, err := os.ReadFile(stale)
	assert.NoError(t, err)
	assert.Equal(t, string(kept), old)
	missing := filepath.Join(dir, "missing.ts")
	code, _, stderr = tandem(t, "gen", "ts", "-check", "-o", missing, api)
	assert.Equal(t, code, exitFault)
	assert.True(t, strings.Contains(stderr, "does not exist"), stderr)
	_, err = os.Stat(missing)
	assert.ErrorIs(t, err, os.ErrNotExist)

	// Nothing is left in the source.
	found, err := filepath.Glob(filepath.Join(api, "tandem_gen*"))
	assert.NoError(t, err)
	assert.Equal(t, len(found), 0)
}

func TestAsyncAPI_flags(t *testing.T) {
	code, stdout, stderr := tandem(t, "gen", "asyncapi", "-title", "Shouting", "-api-version", "1.2.3", "../../examples/uppercase/api")
	assert.Equal(t, code, exitOK, stderr)
	assert.True(t, strings.Contains(stdout, `"title": "Shouting"`) && strings.Contains(stdout, `"version": "1.2.3"`), stdout)
}

// A package that does not compile is told as the compiler tells it, and one whose declarations panic as Go does.
func TestBroken(t *testing.T) {
	const head = "package api\n\nimport (\n\t\"github.com/tandem-ws/tandem\"\n\t\"github.com/tandem-ws/tandem/codec/json\"\n)\n\n" +
		"var Feed = &tandem.Endpoint[struct{}, Event, string]{Path: \"/feed\", Codec: json.Codec}\n\ntype Event interface{ event() }\n\n"
	dir := module(t, []golden{
		{name: "syntax", archive: archive{files: []archived{{"api.go", head + "var X int = \"text\"\n"}}}},
		{name: "panics", archive: archive{files: []archived{{"api.go", head + "var _ = tandem.Union[Event](nil)\n"}}}},
	})
	t.Chdir(dir)
	code, _, stderr := tandem(t, "gen", "ts", "./syntax")
	assert.Equal(t, code, exitFault)
	assert.True(t, strings.Contains(stderr, "does not compile") && strings.Contains(stderr, "api.go:12:13: cannot use"), stderr)
	code, _, stderr = tandem(t, "gen", "ts", "./panics")
	assert.Equal(t, code, exitFault)
	assert.True(t, strings.Contains(stderr, "run the declarations") && strings.Contains(stderr, "no variants"), stderr)
}

// Internal packages of other modules can be described from inside, with GOOS and GOARCH of whatever is built.
func TestInternal(t *testing.T) {
	dir := module(t, []golden{{name: "internal/api", archive: archive{files: []archived{{"api.go", `package api

import (
	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Echo = &tandem.Endpoint[struct{}, string, string]{Path: "/echo", Codec: json.Codec}
`}}}}})
	t.Chdir(filepath.Join(dir, "internal", "api"))
	t.Setenv("GOOS", "js")
	t.Setenv("GOARCH", "wasm")
	code, stdout, stderr := tandem(t, "gen", "ts", ".")
	assert.Equal(t, code, exitOK, stderr)
	assert.True(t, strings.Contains(stdout, "export const echo: Endpoint<undefined, string, string>"), stdout)
}

func TestDiff(t *testing.T) {
	assert.Equal(t, diff("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n"), "@@ line 2\n-b\n+B\n@@ line 5\n+e")
	long := strings.Repeat("x\n", 50)
	assert.True(t, strings.HasSuffix(diff(long, ""), "and 10 lines more"), diff(long, ""))
}
