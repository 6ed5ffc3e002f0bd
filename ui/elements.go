package ui

// A is a link.
func A(parts ...Part) Node { return El("a", parts...) }

// Abbr is an abbreviation.
func Abbr(parts ...Part) Node { return El("abbr", parts...) }

// Article is a piece that stands by itself.
func Article(parts ...Part) Node { return El("article", parts...) }

// Aside is something beside.
func Aside(parts ...Part) Node { return El("aside", parts...) }

// Audio is sound.
func Audio(parts ...Part) Node { return El("audio", parts...) }

// B is text to be noticed.
func B(parts ...Part) Node { return El("b", parts...) }

// Blockquote is a longer quotation.
func Blockquote(parts ...Part) Node { return El("blockquote", parts...) }

// Body is what a document shows.
func Body(parts ...Part) Node { return El("body", parts...) }

// Br is a line break.
func Br(parts ...Part) Node { return El("br", parts...) }

// Button is a button.
func Button(parts ...Part) Node { return El("button", parts...) }

// Canvas is a drawing surface.
func Canvas(parts ...Part) Node { return El("canvas", parts...) }

// Code is code.
func Code(parts ...Part) Node { return El("code", parts...) }

// Dd is what a term means.
func Dd(parts ...Part) Node { return El("dd", parts...) }

// Details is something to be unfolded.
func Details(parts ...Part) Node { return El("details", parts...) }

// Dialog is a dialog.
func Dialog(parts ...Part) Node { return El("dialog", parts...) }

// Div is a block.
func Div(parts ...Part) Node { return El("div", parts...) }

// Dl is a list of terms.
func Dl(parts ...Part) Node { return El("dl", parts...) }

// Dt is a term.
func Dt(parts ...Part) Node { return El("dt", parts...) }

// Em is stressed text.
func Em(parts ...Part) Node { return El("em", parts...) }

// Fieldset is a group of fields.
func Fieldset(parts ...Part) Node { return El("fieldset", parts...) }

// Figcaption is the caption of a figure.
func Figcaption(parts ...Part) Node { return El("figcaption", parts...) }

// Figure is a figure.
func Figure(parts ...Part) Node { return El("figure", parts...) }

// Footer is the end of a section.
func Footer(parts ...Part) Node { return El("footer", parts...) }

// Form is a form.
func Form(parts ...Part) Node { return El("form", parts...) }

// H1 is a heading of the first level.
func H1(parts ...Part) Node { return El("h1", parts...) }

// H2 is a heading of the second level.
func H2(parts ...Part) Node { return El("h2", parts...) }

// H3 is a heading of the third level.
func H3(parts ...Part) Node { return El("h3", parts...) }

// H4 is a heading of the fourth level.
func H4(parts ...Part) Node { return El("h4", parts...) }

// H5 is a heading of the fifth level.
func H5(parts ...Part) Node { return El("h5", parts...) }

// H6 is a heading of the sixth level.
func H6(parts ...Part) Node { return El("h6", parts...) }

// Head is what is said about a document.
func Head(parts ...Part) Node { return El("head", parts...) }

// Header is the beginning of a section.
func Header(parts ...Part) Node { return El("header", parts...) }

// Hr is a thematic break.
func Hr(parts ...Part) Node { return El("hr", parts...) }

// HTML is a document.
func HTML(parts ...Part) Node { return El("html", parts...) }

// I is text in another voice.
func I(parts ...Part) Node { return El("i", parts...) }

// Img is an image.
func Img(parts ...Part) Node { return El("img", parts...) }

// Input is a field.
func Input(parts ...Part) Node { return El("input", parts...) }

// Kbd is keys to be pressed.
func Kbd(parts ...Part) Node { return El("kbd", parts...) }

// Label is the label of a field.
func Label(parts ...Part) Node { return El("label", parts...) }

// Legend is the caption of a group of fields.
func Legend(parts ...Part) Node { return El("legend", parts...) }

// Li is an item of a list.
func Li(parts ...Part) Node { return El("li", parts...) }

// Link is a file that belongs to a document.
func Link(parts ...Part) Node { return El("link", parts...) }

// Main is the main part of a page.
func Main(parts ...Part) Node { return El("main", parts...) }

// Mark is marked text.
func Mark(parts ...Part) Node { return El("mark", parts...) }

// Meta is something said about a document.
func Meta(parts ...Part) Node { return El("meta", parts...) }

// Nav is links to navigate by.
func Nav(parts ...Part) Node { return El("nav", parts...) }

// Ol is a list with an order.
func Ol(parts ...Part) Node { return El("ol", parts...) }

// Option is a choice of a select element.
func Option(parts ...Part) Node { return El("option", parts...) }

// P is a paragraph.
func P(parts ...Part) Node { return El("p", parts...) }

// Pre is text with its line breaks.
func Pre(parts ...Part) Node { return El("pre", parts...) }

// Progress is how far something is.
func Progress(parts ...Part) Node { return El("progress", parts...) }

// S is text that holds no more.
func S(parts ...Part) Node { return El("s", parts...) }

// Script is a program, which [Src] names: what is in one would be no text.
func Script(parts ...Part) Node { return El("script", parts...) }

// Section is a section.
func Section(parts ...Part) Node { return El("section", parts...) }

// Select is a field with choices.
func Select(parts ...Part) Node { return El("select", parts...) }

// Small is a side comment.
func Small(parts ...Part) Node { return El("small", parts...) }

// Span is a piece of text.
func Span(parts ...Part) Node { return El("span", parts...) }

// Strong is important text.
func Strong(parts ...Part) Node { return El("strong", parts...) }

// Summary is what is shown of folded details.
func Summary(parts ...Part) Node { return El("summary", parts...) }

// Table is a table.
func Table(parts ...Part) Node { return El("table", parts...) }

// Tbody is the rows of a table.
func Tbody(parts ...Part) Node { return El("tbody", parts...) }

// Td is a cell.
func Td(parts ...Part) Node { return El("td", parts...) }

// Textarea is a field of several lines.
func Textarea(parts ...Part) Node { return El("textarea", parts...) }

// Tfoot is the last rows of a table.
func Tfoot(parts ...Part) Node { return El("tfoot", parts...) }

// Th is the head of a row or column.
func Th(parts ...Part) Node { return El("th", parts...) }

// Thead is the first rows of a table.
func Thead(parts ...Part) Node { return El("thead", parts...) }

// Time is a point in time.
func Time(parts ...Part) Node { return El("time", parts...) }

// Tr is a row.
func Tr(parts ...Part) Node { return El("tr", parts...) }

// Ul is a list.
func Ul(parts ...Part) Node { return El("ul", parts...) }

// Video is a film.
func Video(parts ...Part) Node { return El("video", parts...) }

// SVG is a drawing.
func SVG(parts ...Part) Node { return El("svg", parts...) }

// G is a group in a drawing.
func G(parts ...Part) Node { return El("g", parts...) }

// Path is a line or area in a drawing.
func Path(parts ...Part) Node { return El("path", parts...) }

// Circle is a circle in a drawing.
func Circle(parts ...Part) Node { return El("circle", parts...) }

// Rect is a rectangle in a drawing.
func Rect(parts ...Part) Node { return El("rect", parts...) }

// Line is a line in a drawing.
func Line(parts ...Part) Node { return El("line", parts...) }
