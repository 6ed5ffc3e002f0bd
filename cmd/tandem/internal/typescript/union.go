package typescript

import (
	"slices"
	"strings"

	"github.com/tandem-ws/tandem/internal/schema"
)

// union writes what travels: {"Tag": content}, or "Tag" alone; or {"type": "Tag", "data": content}.
func (p *printer) union(t *schema.Type) string {
	var parts []string
	for _, v := range t.Variants {
		parts = append(parts, p.variant(t, v))
	}
	if t.Open {
		p.imports["type Unknown"] = true
		parts = append(parts, "Unknown")
	}
	if one := " " + strings.Join(parts, " | "); len(one) < width-30 {
		return one
	}
	return "\n  | " + strings.Join(parts, "\n  | ")
}

func (p *printer) variant(t *schema.Type, v schema.Variant) string {
	switch {
	case t.TagKey == "" && v.Type == nil:
		return quote(v.Tag)
	case t.TagKey == "":
		return "{ " + key(v.Tag) + ": " + p.typ(v.Type, "") + " }"
	case v.Type == nil:
		return "{ " + key(t.TagKey) + ": " + quote(v.Tag) + " }"
	}
	return "{ " + key(t.TagKey) + ": " + quote(v.Tag) + "; " + key(t.ContentKey) + ": " + p.typ(v.Type, "") + " }"
}

// companion writes the constructors of a union, and its match.
func (p *printer) companion(name string, t *schema.Type) {
	p.f("export const %s = {\n", name)
	for _, v := range t.Variants {
		p.comment("  ", v.Docs)
		tag := v.Tag
		if tag == "match" {
			tag = "match_"
		}
		arg, value := "", ""
		if v.Type != nil {
			arg, value = "value: "+p.typ(v.Type, "  "), "value"
		}
		p.f("  %s: (%s): %s => %s,\n", key(tag), arg, name, p.construct(t, v, value))
	}
	p.match(name, t)
	p.f("};\n\n")
}

func (p *printer) construct(t *schema.Type, v schema.Variant, value string) string {
	switch {
	case t.TagKey == "" && value == "":
		return quote(v.Tag)
	case t.TagKey == "":
		return "({ " + key(v.Tag) + ": " + value + " })"
	case value == "":
		return "({ " + key(t.TagKey) + ": " + quote(v.Tag) + " })"
	}
	return "({ " + key(t.TagKey) + ": " + quote(v.Tag) + ", " + key(t.ContentKey) + ": " + value + " })"
}

func (p *printer) match(name string, t *schema.Type) {
	it := noun(name)
	p.f("\n  /** Calls the case for the variant that %s is. All of them must be there. */\n", it)
	p.signature(name, it, t)
	if t.TagKey != "" {
		p.matchAdjacent(it, t)
	} else {
		p.matchExternal(it, t)
	}
	p.f("  },\n")
}

func (p *printer) signature(name, it string, t *schema.Type) {
	var cases []string
	for _, v := range t.Variants {
		arg := ""
		if v.Type != nil {
			arg = "value: " + p.typ(v.Type, "      ")
		}
		cases = append(cases, key(v.Tag)+": ("+arg+") => R")
	}
	if len(cases) == 1 && !t.Open {
		if one := "  match<R>(" + it + ": " + name + ", cases: { " + cases[0] + " }): R {\n"; len(one) < width {
			p.f("%s", one)
			return
		}
	}
	p.f("  match<R>(\n    %s: %s,\n    cases: {\n      %s;\n", it, name, strings.Join(cases, ";\n      "))
	if t.Open {
		p.f("      /** A variant that this program does not know. */\n      $unknown: (value: Unknown) => R;\n")
	}
	p.f("    },\n  ): R {\n")
}

// matchExternal asks for the bare tags first, because only objects have keys. The last case needs no question: the compiler
// knows what is left, and that it is not more than one.
func (p *printer) matchExternal(it string, t *schema.Type) {
	type branch struct{ test, result string }
	var branches []branch
	if t.Open && slices.ContainsFunc(t.Variants, func(v schema.Variant) bool { return v.Type != nil }) {
		branches = append(branches, branch{"typeof " + it + " !== \"string\" && \"$unknown\" in " + it, "cases.$unknown(" + it + ")"})
	}
	for _, v := range t.Variants {
		if v.Type == nil {
			branches = append(branches, branch{it + " === " + quote(v.Tag), get("cases", v.Tag) + "()"})
		}
	}
	for _, v := range t.Variants {
		if v.Type != nil {
			branches = append(branches, branch{quote(v.Tag) + " in " + it, get("cases", v.Tag) + "(" + get(it, v.Tag) + ")"})
		}
	}
	if t.Open && len(branches) == len(t.Variants) {
		branches = append(branches, branch{"", "cases.$unknown(" + it + ")"})
	}
	for i, b := range branches {
		if i+1 == len(branches) {
			p.f("    return %s;\n", b.result)
		} else {
			p.f("    if (%s) return %s;\n", b.test, b.result)
		}
	}
}

func (p *printer) matchAdjacent(it string, t *schema.Type) {
	if t.Open {
		p.f("    if (\"$unknown\" in %s) return cases.$unknown(%s);\n", it, it)
	}
	p.f("    switch (%s) {\n", get(it, t.TagKey))
	for _, v := range t.Variants {
		arg := ""
		if v.Type != nil {
			arg = get(it, t.ContentKey)
		}
		p.f("      case %s:\n        return %s(%s);\n", quote(v.Tag), get("cases", v.Tag), arg)
	}
	p.f("    }\n")
}
