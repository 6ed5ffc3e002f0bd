//go:build js && browser

package dom

// Funcs is how many functions JavaScript holds of the pages'.
func Funcs() int { return funcs }
