package rooms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/examples/chat/api"
)

// validRoom reports whether a room can have the name. There is one way to write each, so that all who mean the same meet.
func validRoom(name string) bool {
	return name != "" && len(name) <= api.MaxRoom && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// cleanName gives a name as it is shown, in one line with single spaces, or says what is wrong with it.
func cleanName(name string) (string, api.Refusal) {
	name = strings.Join(strings.Fields(name), " ")
	return name, check(name, api.MaxName, func(r rune) bool {
		// Two scripts and families of emoji need the invisible ones that join and part; no other direction may come in.
		return unicode.IsGraphic(r) || r == '\u200c' || r == '\u200d'
	})
}

// cleanText gives a text as it is shown, in lines, or says what is wrong with it.
func cleanText(text string) (string, api.Refusal) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	return text, check(text, api.MaxText, func(r rune) bool {
		return !unicode.IsControl(r) || r == '\n' || r == '\t'
	})
}

// check says what is wrong with a text of at most so many characters, all of them allowed.
func check(text string, most int, allowed func(rune) bool) api.Refusal {
	if utf8.RuneCountInString(text) > most {
		return api.RefusalTooLong
	}
	visible := false
	for _, r := range text {
		if !allowed(r) {
			return api.RefusalControl
		}
		visible = visible || unicode.IsGraphic(r) && !unicode.IsSpace(r)
	}
	if !visible {
		return api.RefusalEmpty
	}
	return ""
}
