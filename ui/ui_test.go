package ui_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

// What a program gets wrong it is told where the page is built.
func TestMistakes(t *testing.T) {
	g := signals.NewGraph(nil)
	text := signals.New(g, "x")
	for name, row := range map[string]struct {
		build func()
		want  string
	}{
		"part":            {func() { ui.Div("a", signals.New(g, 1)) }, "div: part 2: interface conversion: interface {} is *signals.Signal[int]"},
		"nil":             {func() { ui.P(nil) }, "p: part 1: interface conversion: interface {} is nil"},
		"fragment":        {func() { ui.Fragment(ui.ID("x")) }, "fragment: part 1"},
		"tag":             {func() { ui.El("a b") }, "no name for an element"},
		"empty tag":       {func() { ui.El("") }, "no name for an element"},
		"void":            {func() { ui.Br("x") }, "a br element holds nothing"},
		"script":          {func() { ui.Script("alert(1)") }, "what is in a script element is no text"},
		"textarea":        {func() { ui.Textarea("a", text) }, "holds one text"},
		"attribute":       {func() { ui.Attr("a>b", "") }, "no name for an attribute"},
		"attribute digit": {func() { ui.Attr("1a", "") }, "no name for an attribute"},
		"handler":         {func() { ui.Attr("OnClick", "alert(1)") }, "use On"},
		"bound handler":   {func() { ui.BindAttr("onclick", text) }, "use On"},
		"flag handler":    {func() { ui.Flag("onclick") }, "use On"},
		"style":           {func() { ui.Attr("style", "") }, "use Style"},
		"class":           {func() { ui.Attr("class", "") }, "use Class"},
		"srcdoc":          {func() { ui.URLAttr("srcdoc", ui.TrustedURL("x")) }, "srcdoc is HTML"},
		"mark":            {func() { ui.Data("ui", "") }, "what ui itself uses"},
		"property":        {func() { ui.Style("a:b", "") }, "no name for a style property"},
		"bound property":  {func() { ui.BindStyle("", text) }, "no name for a style property"},
		"event":           {func() { ui.On("onclick", func(ui.Event) {}) }, "no name for an event"},
		"row": {func() {
			html.String(ui.Each(signals.NewList[int](g, 0), func(*signals.Scope, int) ui.Node { return ui.Node{} }))
			list := signals.NewList[int](g, 0)
			list.Append(1)
			html.String(ui.Each(list, func(*signals.Scope, int) ui.Node { return ui.Text("x") }))
		}, "the row of a list is one element"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				got := fmt.Sprint(recover())
				assert.True(t, strings.Contains(got, "ui: ") && strings.Contains(got, row.want), "panic: %s", got)
			}()
			row.build()
		})
	}
}

// An attribute that is used twice is not changed by what the first element does with it.
func TestAttribute_reuse(t *testing.T) {
	on := signals.New(signals.NewGraph(nil), false)
	class := ui.Class("a b")
	off := class.If(on)
	assert.Equal(t, html.String(ui.Div(ui.P(class, ui.Class("c")), ui.P(class), ui.P(off))), `<div><p class="a b c"></p><p class="a b"></p><p></p></div>`)
}

// Each function of elements.go makes the element of its name.
func TestElements(t *testing.T) {
	source, err := os.ReadFile("elements.go")
	assert.NoError(t, err)
	functions := regexp.MustCompile(`(?m)^func (\w+)(.*)$`).FindAllStringSubmatch(string(source), -1)
	assert.Equal(t, len(functions) > 70, true)
	for _, f := range functions {
		assert.Equal(t, f[2], fmt.Sprintf(`(parts ...Part) Node { return El(%q, parts...) }`, strings.ToLower(f[1])))
	}
}

func TestAttribute_flags(t *testing.T) {
	page := ui.Div(ui.Input(ui.Checked(), ui.Disabled()), ui.Option(ui.Selected(), "one"))
	assert.Equal(t, html.String(page), `<div><input checked disabled><option selected>one</option></div>`)
}
