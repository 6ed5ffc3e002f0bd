package assert

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

const (
	maxDiffs = 8  // places shown; more than this is a different value rather than a difference
	maxDepth = 32 // a pointer cycle ends here
	inline   = 60 // strings up to this length are shown in full, longer ones around the first difference
	around   = 20 // bytes shown before the first difference of a long string
)

// Diff describes where got and want, which are of the same static type, differ: one line for each place, with
// the path to it. It shows the values themselves when it finds no such place.
func Diff(got, want any) string {
	w := walker{}
	w.compare("", reflect.ValueOf(got), reflect.ValueOf(want), 0)
	if len(w.lines) == 0 {
		return fmt.Sprintf("values differ\n got: %#v\nwant: %#v", got, want)
	}
	if w.more > 0 {
		w.lines = append(w.lines, fmt.Sprintf("\nand %d more", w.more))
	}
	return "values differ" + strings.Join(w.lines, "")
}

type walker struct {
	lines []string
	more  int
}

func (w *walker) report(path, got, want string) {
	if len(w.lines) == maxDiffs {
		w.more++
		return
	}
	if path != "" {
		path = " at " + path + "\n"
	}
	w.lines = append(w.lines, fmt.Sprintf("\n%s got: %s\nwant: %s", path, got, want))
}

func (w *walker) compare(path string, got, want reflect.Value, depth int) {
	switch {
	case !got.IsValid() || !want.IsValid():
		if got.IsValid() != want.IsValid() {
			w.report(path, show(got), show(want))
		}
		return
	case got.Type() != want.Type():
		w.report(path, got.Type().String()+" "+show(got), want.Type().String()+" "+show(want))
		return
	case depth > maxDepth:
		return
	}

	switch got.Kind() {
	case reflect.Pointer, reflect.Interface:
		switch {
		case got.IsNil() || want.IsNil():
			if got.IsNil() != want.IsNil() {
				w.report(path, show(got), show(want))
			}
		case got.Kind() != reflect.Pointer || got.Pointer() != want.Pointer():
			w.compare(path, got.Elem(), want.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range got.NumField() {
			w.compare(path+"."+got.Type().Field(i).Name, got.Field(i), want.Field(i), depth+1)
		}
	case reflect.Slice:
		if got.IsNil() != want.IsNil() {
			w.report(path, show(got), show(want))
			return
		}
		if got.Type().Elem().Kind() == reflect.Uint8 {
			w.compareBytes(path, got.Bytes(), want.Bytes())
			return
		}
		w.compareList(path, got, want, depth)
	case reflect.Array:
		w.compareList(path, got, want, depth)
	case reflect.Map:
		w.compareMap(path, got, want, depth)
	case reflect.String:
		if got.String() != want.String() {
			g, n := excerpt(got.String(), want.String())
			w.report(path, g, n)
		}
	case reflect.Func:
		if !got.IsNil() || !want.IsNil() {
			w.report(path, show(got), show(want)+" (functions are equal only if both are nil)")
		}
	default: // numbers, bools, channels: comparable, and NaN differs from itself
		if !got.Equal(want) {
			w.report(path, show(got), show(want))
		}
	}
}

func (w *walker) compareList(path string, got, want reflect.Value, depth int) {
	for i := range min(got.Len(), want.Len()) {
		w.compare(fmt.Sprintf("%s[%d]", path, i), got.Index(i), want.Index(i), depth+1)
	}
	if got.Len() != want.Len() {
		w.report("len("+path+")", fmt.Sprintf("%d of %s", got.Len(), show(got)), fmt.Sprintf("%d of %s", want.Len(), show(want)))
	}
}

func (w *walker) compareMap(path string, got, want reflect.Value, depth int) {
	if got.IsNil() != want.IsNil() {
		w.report(path, show(got), show(want))
		return
	}
	for _, key := range got.MapKeys() {
		at := fmt.Sprintf("%s[%s]", path, show(key))
		if other := want.MapIndex(key); other.IsValid() {
			w.compare(at, got.MapIndex(key), other, depth+1)
		} else {
			w.report(at, show(got.MapIndex(key)), "no such key")
		}
	}
	for _, key := range want.MapKeys() {
		if !got.MapIndex(key).IsValid() {
			w.report(fmt.Sprintf("%s[%s]", path, show(key)), "no such key", show(want.MapIndex(key)))
		}
	}
}

// compareBytes shows bytes in hex, because most of them are frames, with the offset of the first difference.
func (w *walker) compareBytes(path string, got, want []byte) {
	if bytes.Equal(got, want) {
		return
	}
	at := common(string(got), string(want))
	start := 0
	if max(len(got), len(want)) > inline {
		start = max(0, at-around)
	}
	shown := func(b []byte) string {
		end := min(len(b), start+inline)
		return fmt.Sprintf("%d bytes, %s% x%s", len(b), dots(start > 0), b[start:end], dots(end < len(b)))
	}
	w.report(fmt.Sprintf("%s byte %d", path, at), shown(got), shown(want))
}

// excerpt quotes two different strings, cut to the surroundings of the first difference if they are long.
func excerpt(got, want string) (string, string) {
	if max(len(got), len(want)) <= inline {
		return fmt.Sprintf("%q", got), fmt.Sprintf("%q", want)
	}
	at := common(got, want)
	start := max(0, at-around)
	for start > 0 && !utf8.RuneStart(got[start]) {
		start--
	}
	shown := func(s string) string {
		end := min(len(s), start+inline)
		for end < len(s) && !utf8.RuneStart(s[end]) {
			end++
		}
		return fmt.Sprintf("%d bytes, %s%q%s, differs at byte %d", len(s), dots(start > 0), s[start:end], dots(end < len(s)), at)
	}
	return shown(got), shown(want)
}

// common is the length of the longest common prefix.
func common(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

func dots(cut bool) string {
	if cut {
		return "…"
	}
	return ""
}

// show renders a value in Go syntax. It takes a reflect.Value because those of unexported fields can be
// printed but not taken out.
func show(v reflect.Value) string {
	switch {
	case !v.IsValid():
		return "nil"
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return "&" + show(v.Elem())
	default:
		return fmt.Sprintf("%#v", v)
	}
}
