package html_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui"
	"github.com/tandem-ws/tandem/ui/html"
)

const hostile = `<script>alert("1") & 'x'</script>` + "\r\n\x00\xff"

func TestString(t *testing.T) {
	g := signals.NewGraph(nil)
	text, count := signals.New(g, "a<b"), signals.New(g, 7)
	yes, no := signals.New(g, true), signals.New(g, false)
	list := signals.NewList[string](g, 2)
	list.Append("one", "two", "three")
	items := signals.Readable[[]string](list)
	self := func(s string) string { return s }
	for name, row := range map[string]struct {
		node ui.Node
		want string
	}{
		"nothing":       {ui.Node{}, ""},
		"text":          {ui.Text("a<b>&\"'"), "a&lt;b&gt;&amp;\"'"},
		"hostile text":  {ui.P(hostile), "<p>&lt;script&gt;alert(\"1\") &amp; 'x'&lt;/script&gt;&#13;\n\uFFFD\uFFFD</p>"},
		"hostile value": {ui.P(ui.Title(hostile)), `<p title="&lt;script&gt;alert(&#34;1&#34;) &amp; &#39;x&#39;&lt;/script&gt;&#13;` + "\n\uFFFD\uFFFD" + `"></p>`},
		"numbers":       {ui.P("a", 1, -2, ui.TextOf(count, strconv.Itoa)), "<p>a1-27</p>"},
		"bound texts":   {ui.P(text, " ", func(r *signals.Reader) string { return text.Get(r) + "!" }), "<p>a&lt;b a&lt;b!</p>"},
		"nodes":         {ui.Div(ui.Fragment("a", ui.B("b"), ui.Fragment("c")), []ui.Node{ui.I("d"), {}}), "<div>a<b>b</b>c<i>d</i></div>"},
		"raw":           {ui.P(ui.RawHTML("<b>x & y</b>")), "<p><b>x & y</b></p>"},
		"void":          {ui.P(ui.Br(), ui.Img(ui.Src("/a b"), ui.Alt(""))), `<p><br><img src="/a b" alt=""></p>`},
		"flags":         {ui.Button(ui.Disabled(), ui.Hidden().If(no), ui.Required().If(yes)), "<button disabled required></button>"},
		"later counts":  {ui.P(ui.ID("a"), ui.ID("b"), ui.Style("width", "1px"), ui.Style("width", "2px")), `<p id="b" style="width: 2px;"></p>`},
		"classes":       {ui.P(ui.Class("a  b"), ui.ClassIf("c", no), ui.ClassIf("d e", yes)), `<p class="a b d e"></p>`},
		"no class":      {ui.P(ui.ClassIf("c", no)), `<p></p>`},
		"bound value":   {ui.P(ui.BindAttr("title", text), ui.Aria("label", "x").If(yes)), `<p title="a&lt;b" aria-label="x"></p>`},
		"names": {
			ui.Label(ui.ForID("f"), ui.Data("x", "1"), ui.TestID("t"), ui.Role("r"), ui.Placeholder("p"), ui.Type("y"), ui.Name("n"), ui.Value("v")),
			`<label for="f" data-x="1" data-testid="t" role="r" placeholder="p" type="y" name="n" value="v"></label>`,
		},
		"fields": {
			ui.Form(ui.Input(ui.BindValue(text)), ui.Input(ui.BindChecked(yes)), ui.Input(ui.BindChecked(no)), ui.Textarea(ui.BindValue(text)), ui.Textarea("x")),
			`<form><input value="a&lt;b"><input checked><input><textarea>a&lt;b</textarea><textarea>x</textarea></form>`,
		},
		"select": {
			ui.Select(ui.Value("b"), ui.Option("a"), ui.Option("b"), ui.Option(ui.Value("b"), "B"), ui.Option(ui.Value("c"), "b"), ui.Option(ui.Selected())),
			`<select><option>a</option><option selected>b</option><option value="b" selected>B</option><option value="c">b</option><option selected></option></select>`,
		},
		"handlers":      {ui.Button(ui.OnClick(func() { panic("called") }), ui.OnMount(func(any) { panic("called") }), "x"), "<button>x</button>"},
		"first newline": {ui.Div(ui.Pre("\nx"), ui.Textarea("\n"), ui.Textarea(ui.Value("\nx")), ui.P("\n"), ui.Pre(ui.B(), "\n")), "<div><pre>\n\nx</pre><textarea>\n\n</textarea><textarea>\n\nx</textarea><p>\n</p><pre><b></b>\n</pre></div>"},
		"svg":           {ui.SVG(ui.Attr("viewBox", "0 0 1 1"), ui.G(ui.Path(ui.Attr("d", "M0 0")))), `<svg viewBox="0 0 1 1"><g><path d="M0 0"></path></g></svg>`},
		"styles": {
			ui.P(ui.Style("width", "calc(1px + 2%)"), ui.BindStyle("--x", text), ui.Style("color", "red; background: url(//x)"), ui.Style("height", "1px").If(no)),
			`<p style="width: calc(1px + 2%);"></p>`,
		},
		"show": {
			ui.P(ui.Show(yes, func(*signals.Scope) ui.Node { return ui.B("y") }), ui.Show(no, func(*signals.Scope) ui.Node { return ui.B("n") })),
			"<p><b>y</b></p>",
		},
		"switch": {ui.Switch(count, func(_ *signals.Scope, n int) ui.Node { return ui.P(n) }), "<p>7</p>"},
		"for": {
			ui.Ul(ui.For(items, self, func(_ *signals.Scope, item signals.Readable[string]) ui.Node { return ui.Li(item) })),
			"<ul><li>two</li><li>three</li></ul>",
		},
		"each": {
			ui.Ul(ui.Each(list, func(_ *signals.Scope, item string) ui.Node { return ui.Li(item) })),
			"<ul><li>two</li><li>three</li></ul>",
		},
		"document": {
			ui.HTML(ui.Attr("lang", "en"), ui.Head(ui.El("title", text), ui.Link(ui.Attr("rel", "stylesheet"), ui.Href("a.css")), ui.Script(ui.Src("a.js"), ui.Flag("defer")))),
			`<!doctype html><html lang="en"><head><title>a&lt;b</title><link rel="stylesheet" href="a.css"><script src="a.js" defer></script></head></html>`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, html.String(row.node), row.want)
			var b strings.Builder
			assert.NoError(t, html.Render(&b, row.node))
			assert.Equal(t, b.String(), row.want)
		})
	}
}

// A nil that is of an interface type is a value as any other.
func TestString_switchNil(t *testing.T) {
	node := ui.Switch(signals.New[error](signals.NewGraph(nil), nil), func(_ *signals.Scope, err error) ui.Node {
		if err == nil {
			return ui.Text("fine")
		}
		return ui.Text(err.Error())
	})
	assert.Equal(t, html.String(node), "fine")
}

// What is built for the text ends with it.
func TestString_scopes(t *testing.T) {
	g := signals.NewGraph(nil)
	list := signals.NewList[int](g, 0)
	list.Append(1, 2)
	runs, ended := 0, 0
	component := func(s *signals.Scope) ui.Node {
		s.OnCleanup(func() { ended++ })
		signals.Effect(s, func(r *signals.Reader) {
			list.Len(r)
			runs++
		})
		return ui.P()
	}
	html.String(ui.Div(
		ui.Each(list, func(s *signals.Scope, _ int) ui.Node { return component(s) }),
		ui.Show(signals.New(g, true), component),
		ui.For(signals.Readable[[]int](list), func(n int) int { return n }, func(s *signals.Scope, _ signals.Readable[int]) ui.Node { return component(s) }),
	))
	assert.Equal(t, []int{runs, ended}, []int{5, 5})
	list.Append(3)
	assert.Equal(t, runs, 5)
}

func TestRender_error(t *testing.T) {
	assert.ErrorIs(t, html.Render(broken{}, ui.P()), errBroken)
	assert.ErrorIs(t, html.Hydratable(broken{}, ui.P()), errBroken)
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// What a browser has to find again is marked, and nothing else.
func TestHydratable(t *testing.T) {
	g := signals.NewGraph(nil)
	text := signals.New(g, "x")
	list := signals.NewList[string](g, 0)
	list.Append("one")
	var b strings.Builder
	assert.NoError(t, html.Hydratable(&b, ui.Div(
		ui.P("static", ui.Style("width", "1px")), ui.B(text), "a", text, "b", text, text,
		ui.Button(ui.OnClick(func() {})), ui.Input(ui.BindValue(text)),
		ui.Show(signals.New(g, true), func(*signals.Scope) ui.Node { return ui.Text("shown") }),
		ui.Each(list, func(_ *signals.Scope, s string) ui.Node { return ui.I(s) }),
		ui.For(signals.Readable[[]string](list), func(s string) string { return s }, func(*signals.Scope, signals.Readable[string]) ui.Node { return ui.I() }),
	)))
	sum, rest, _ := strings.Cut(b.String(), "-->")
	assert.Equal(t, rest, `<div><p data-ui>static</p><b data-ui>x</b>a<!--ui-->x<!--ui-->b<!--ui-->x<!--ui-->x`+
		`<button data-on="0"></button><input data-ui data-on="1" value="x">`+
		`<!--ui-->shown<!--ui--><!--ui--><i>one</i><!--ui--><i data-ui></i><!--ui--></div>`)
	var other strings.Builder
	assert.NoError(t, html.Hydratable(&other, ui.P("static")))
	otherSum, _, _ := strings.Cut(other.String(), "-->")
	assert.True(t, strings.HasPrefix(sum, "<!--ui-sum ") && sum != otherSum, "%s and %s", sum, otherSum)
}
