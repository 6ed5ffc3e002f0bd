package typescript

import (
	"regexp"
	"strings"

	"github.com/tandem-ws/tandem/internal/schema"
)

// width is where comments wrap if the Go comment did not.
const width = 110

// comment writes a TSDoc comment. further are sentences of ours.
func (p *printer) comment(indent string, d schema.Docs, further ...string) {
	var lines []string
	add := func(text string) {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, strings.Split(text, "\n")...)
	}
	if d.Doc != "" {
		add(p.text(d.Doc))
	}
	for _, f := range further {
		if f != "" {
			add(f)
		}
	}
	if d.Deprecated != "" {
		add("@deprecated " + p.text(d.Deprecated))
	}
	switch {
	case len(lines) == 0:
	case len(lines) == 1 && len(lines[0]) < width:
		p.f("%s/** %s */\n", indent, lines[0])
	default:
		p.f("%s/**\n", indent)
		for _, l := range lines {
			p.f("%s\n", strings.TrimRight(indent+" * "+l, " "))
		}
		p.f("%s */\n", indent)
	}
}

var docLink = regexp.MustCompile(`\[\*?([A-Za-z_][\w.]*)\]`)

// text makes TSDoc of a Go comment: links to what is in the file, code blocks, and nothing that would end the comment or
// be taken for a tag.
func (p *printer) text(s string) string {
	var out []string
	code := false
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, l := range lines {
		indented := strings.HasPrefix(l, "\t") || strings.HasPrefix(l, "    ")
		if indented != code && (indented || l != "" || i+1 == len(lines)) {
			code = indented
			out = append(out, "```")
		}
		l = strings.ReplaceAll(strings.TrimPrefix(l, "\t"), "*/", "*\\/")
		if !code {
			l = docLink.ReplaceAllStringFunc(l, p.link)
			if strings.HasPrefix(l, "@") {
				l = `\` + l
			}
		}
		out = append(out, l)
	}
	if code {
		out = append(out, "```")
	}
	return strings.Join(out, "\n")
}

func (p *printer) link(found string) string {
	name := strings.Trim(found, "[]*")
	for _, n := range p.doc.Types {
		if n.Name == name && p.reached[n.ID] {
			return "{@link " + p.types[n.ID] + "}"
		}
	}
	for _, e := range p.doc.Endpoints {
		if e.Name == name && p.types["endpoint "+name] != "" {
			return "{@link " + p.types["endpoint "+name] + "}"
		}
	}
	return "`" + name + "`"
}
