package bind

import (
	"reflect"
	"strings"
)

var (
	faultEmpty = fault{reason: "it is empty, which a path cannot carry"}
	faultSlash = fault{reason: "it is a slash, which a path cannot carry alone"}
	faultDots  = fault{reason: "it has the segment . or .., which a path cannot carry"}
)

// decodePath fills the path parameters of v.
func (p *Plan) decodePath(src Source, v reflect.Value) error {
	for i := range p.paths {
		b := &p.paths[i]
		text := src.PathValue(b.name)
		if text == "" {
			return fault{reason: reasonMissing}.at(InPath, b.name)
		}
		field := v.FieldByIndex(b.index)
		if b.node.shape == leaf {
			if f := b.node.scalar.set(field, text); f.bad() {
				return f.at(InPath, b.name)
			}
			continue
		}
		segments := strings.Split(text, "/")
		field.Set(reflect.MakeSlice(b.node.typ, len(segments), len(segments)))
		for i, s := range segments {
			if f := b.node.elem.scalar.set(field.Index(i), s); f.bad() {
				return f.at(InPath, b.name)
			}
		}
	}
	return nil
}

// encodePath returns the path with its wildcards filled in and everything escaped.
func (p *Plan) encodePath(v reflect.Value) (string, error) {
	var out []byte
	for _, s := range p.path.segments {
		out = append(out, '/')
		if s.name == "" {
			out = append(out, s.literal...)
			continue
		}
		b := &p.paths[s.binding]
		var f fault
		if out, f = appendWildcard(out, b.node, v.FieldByIndex(b.index), s.multi); f.bad() {
			return "", f.at(InPath, b.name)
		}
	}
	return string(out), nil
}

func appendWildcard(dst []byte, n *node, v reflect.Value, multi bool) ([]byte, fault) {
	if n.shape == leaf {
		text, f := n.scalar.format(nil, v)
		if f.bad() {
			return dst, f
		}
		if multi {
			return appendSegments(dst, strings.Split(string(text), "/"))
		}
		return appendSegment(dst, string(text))
	}
	segments := make([]string, v.Len())
	for i := range segments {
		text, f := n.elem.scalar.format(nil, v.Index(i))
		if f.bad() {
			return dst, f
		}
		segments[i] = string(text)
		if strings.Contains(segments[i], "/") {
			return dst, fault{reason: "the segment " + quote(segments[i]) + " contains a slash, which would split it"}
		}
	}
	return appendSegments(dst, segments)
}

// appendSegments appends the value of a catch-all. The last segment may be empty, which is a trailing slash; any other
// would make the //, which muxes and proxies clean away.
func appendSegments(dst []byte, segments []string) ([]byte, fault) {
	if len(segments) == 0 || segments[0] == "" && len(segments) == 1 {
		return dst, faultEmpty
	}
	var f fault
	for i, s := range segments {
		if i > 0 {
			dst = append(dst, '/')
			if s == "" && i == len(segments)-1 {
				break
			}
		}
		if s == "" {
			return dst, fault{reason: "it has an empty segment, which a path cannot carry"}
		}
		if dst, f = appendSegment(dst, s); f.bad() {
			return dst, f
		}
	}
	return dst, fault{}
}

// appendSegment appends one escaped segment. It refuses dots because escapes do not protect them: the URL Standard,
// which browsers and Rust follow, takes %2E for a dot and resolves the step, and RFC 3986 allows it to any proxy. And
// it refuses a lone slash, because http.ServeMux takes the segment %2F for a trailing slash.
func appendSegment(dst []byte, s string) ([]byte, fault) {
	switch s {
	case "":
		return dst, faultEmpty
	case "/":
		return dst, faultSlash
	case ".", "..":
		return dst, faultDots
	}
	return appendPathEscaped(dst, s), fault{}
}
