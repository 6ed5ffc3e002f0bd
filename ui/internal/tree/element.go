package tree

// Check panics if an element cannot be written.
func (e *Element) Check() {
	if !nameLike(e.Tag, "-") {
		panic("ui: no name for an element: " + e.Tag)
	}
	if len(e.Children) == 0 {
		return
	}
	switch lower(e.Tag) {
	case "script", "style", "iframe", "noscript", "noembed", "noframes", "xmp", "plaintext":
		panic("ui: what is in a " + e.Tag + " element is no text")
	case "textarea", "title":
		if e.Sole() != nil {
			return
		}
		for _, c := range e.Children {
			if _, ok := c.(Text); !ok {
				panic("ui: a " + e.Tag + " element holds one text and nothing else")
			}
		}
	default:
		if void(e.Tag) {
			panic("ui: a " + e.Tag + " element holds nothing")
		}
	}
}

// void reports whether an element has no end tag.
func void(tag string) bool {
	switch lower(tag) {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// swallows reports whether browsers leave out a newline right behind a start tag.
func swallows(tag string) bool {
	switch lower(tag) {
	case "pre", "textarea", "listing":
		return true
	}
	return false
}

// lower is a text with the ASCII letters in lower case. strings.ToLower knows all others too, and a browser would have to
// download that.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
