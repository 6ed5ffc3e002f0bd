// Package rivals is the list of servers, and the program that each of them is when it runs.
package rivals

import (
	"slices"

	"github.com/tandem-ws/tandem/bench/rivals/centrifuge"
	"github.com/tandem-ws/tandem/bench/rivals/coder"
	"github.com/tandem-ws/tandem/bench/rivals/gobwas"
	"github.com/tandem-ws/tandem/bench/rivals/gorilla"
	"github.com/tandem-ws/tandem/bench/rivals/gws"
	"github.com/tandem-ws/tandem/bench/rivals/limit"
	"github.com/tandem-ws/tandem/bench/rivals/melody"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
	"github.com/tandem-ws/tandem/bench/rivals/tandem"
)

// Go are the servers in Go, in the order of the tables.
var Go = []rival.Rival{
	limit.Rival, limit.Coalescing, tandem.Rival, gobwas.Rival, gws.Rival, gorilla.Rival,
	coder.Rival, coder.Reuse, coder.Cancel, melody.Rival, centrifuge.Rival,
}

// Find gives the server of a name.
func Find(name string) (rival.Rival, bool) {
	for _, r := range slices.Concat(Go, []rival.Rival{tandem.Sessions, tandem.Windows}) {
		if r.Name == name {
			return r, true
		}
	}
	return rival.Rival{}, false
}

// Floor is the server all ratios are taken against, Subject the one this repository is about.
const (
	Floor   = "limit"
	Subject = "tandem"
)

// Hand reports whether a server is no library but written for these tables.
func Hand(name string) bool { return name == limit.Rival.Name || name == limit.Coalescing.Name }
