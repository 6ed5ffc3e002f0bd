package dioxus_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

// section gives the rows of the first table behind a heading of docs/dioxus.md.
func section(t *testing.T, heading string) [][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/dioxus.md")
	assert.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\n## "+heading+"\n")
	assert.True(t, found, "no section ", heading)
	rest, _, _ = strings.Cut(rest, "\n## ")
	var rows [][]string
	for line := range strings.Lines(rest) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); len(cells) > 2 && strings.HasPrefix(line, "| ") {
			rows = append(rows, cells)
		}
	}
	assert.True(t, len(rows) > 1, "no table in ", heading)
	return rows[1:]
}

var quotedName = regexp.MustCompile("`([^`]+)`")

// tests are the names in the last cell of a row.
func tests(row []string) (names []string) {
	for _, m := range quotedName.FindAllStringSubmatch(row[len(row)-1], -1) {
		names = append(names, m[1])
	}
	return names
}

// Every row of docs/dioxus.md has a test, and every shape and every difference that is tested a row.
func TestDocs(t *testing.T) {
	var known, named []string
	for _, s := range shapes {
		known = append(known, s.name)
	}
	for _, row := range section(t, "Types") {
		assert.True(t, len(tests(row)) > 0, "no test: ", row)
		for _, name := range tests(row) {
			assert.True(t, slices.Contains(known, name), "no shape ", name)
			named = append(named, name)
		}
	}
	for _, name := range known {
		assert.True(t, slices.Contains(named, name), "docs/dioxus.md does not name ", name)
	}

	named = nil
	for _, row := range section(t, "Known differences") {
		named = append(named, tests(row)...)
	}
	for _, d := range differences() {
		assert.True(t, slices.Contains(named, d.name), "docs/dioxus.md does not name ", d.name)
	}
	for _, name := range named {
		isDifference := slices.ContainsFunc(differences(), func(d difference) bool { return d.name == name })
		assert.True(t, isDifference || strings.HasPrefix(name, "Test"), "no difference ", name)
	}

	// The functions that are named are here.
	var source strings.Builder
	for _, file := range []string{"differs_test.go", "page_test.go", "params_test.go", "refusals_test.go", "shapes_test.go", "talk_test.go"} {
		text, err := os.ReadFile(file)
		assert.NoError(t, err)
		source.Write(text)
	}
	text, err := os.ReadFile("../../docs/dioxus.md")
	assert.NoError(t, err)
	for _, name := range regexp.MustCompile(`Test[A-Z]\w+`).FindAllString(string(text), -1) {
		assert.True(t, strings.Contains(source.String(), "func "+name+"("), "no test ", name)
	}
}
