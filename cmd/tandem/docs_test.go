package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

var code = regexp.MustCompile("`([^`]+)`")

// TestDocs holds the table of docs/gen.md against the golden files: each row names one, in which its TypeScript stands.
func TestDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/gen.md")
	assert.NoError(t, err)
	texts := map[string]string{}
	for _, g := range goldens(t) {
		for _, f := range g.files {
			if strings.HasSuffix(f.name, ".ts") {
				texts[g.name] += f.text
			}
		}
	}
	_, table, ok := strings.Cut(string(doc), "| Go | TypeScript | JSON Schema | file |\n|---|---|---|---|\n")
	assert.True(t, ok, "the table is there")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	assert.True(t, len(rows) > 30, "the table has its rows")
	for _, row := range rows {
		cells := strings.Split(strings.ReplaceAll(row, `\|`, "\x00"), "|")
		assert.Equal(t, len(cells), 6, row)
		text, ok := texts[strings.TrimSpace(cells[4])]
		assert.True(t, ok, "%s: the file is there", row)
		said := code.FindStringSubmatch(strings.ReplaceAll(cells[2], "\x00", "|"))
		assert.True(t, said != nil, "%s: says what TypeScript it is", row)
		assert.True(t, strings.Contains(text, said[1]), "%s: %s stands in the file", row, said[1])
	}
}
