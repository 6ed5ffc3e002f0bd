package room

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameLength is how many characters of a name are shown.
const nameLength = 24

var (
	moods   = []string{"Calm", "Curious", "Brave", "Gentle", "Quick", "Merry", "Quiet", "Bright", "Clever", "Sunny", "Patient"}
	animals = []string{"Otter", "Heron", "Lynx", "Finch", "Badger", "Marten", "Owl", "Hare", "Robin", "Seal", "Newt", "Crane", "Mole"}
)

// nameOf is the name that somebody goes by: the one they want, as far as it can be shown in one line, or one for their number.
func nameOf(wanted string, id uint16) string {
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, wanted)
	shown = strings.Join(strings.Fields(shown), " ")
	if n := []rune(shown); len(n) > nameLength {
		shown = strings.TrimSpace(string(n[:nameLength-1])) + "…"
	}
	if shown == "" {
		return moods[int(id)%len(moods)] + " " + animals[int(id)%len(animals)]
	}
	return shown
}
