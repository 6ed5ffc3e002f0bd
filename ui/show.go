package ui

import (
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/ui/internal/tree"
)

// Component builds a piece of a page, once. What it makes in the scope ends with the piece.
type Component = func(s *signals.Scope) Node

// Show is a component as long as a condition holds, and nothing else. Whenever the condition begins to hold, the component is
// built anew; when it holds no more, its scope ends.
func Show(cond signals.Readable[bool], then Component) Node { return ShowElse(cond, then, nothing) }

// ShowElse is one of two components, as [Show] is one or nothing.
func ShowElse(cond signals.Readable[bool], then, otherwise Component) Node {
	return Switch(cond, func(s *signals.Scope, on bool) Node {
		if on {
			return then(s)
		}
		return otherwise(s)
	})
}

// Switch is what build makes of a value, anew for each value it takes. When it takes the next, the scope of the last ends.
func Switch[T comparable](v signals.Readable[T], build func(s *signals.Scope, value T) Node) Node {
	value := signals.NewMemo(v.Graph(), v.Get) // a change of a Readable may leave it what it was
	return Node{&tree.Switch{
		Graph: v.Graph(),
		Read:  func(r *signals.Reader) any { return value.Get(r) },
		Build: func(s *signals.Scope, v any) tree.Node {
			value, _ := v.(T) // a nil interface is of no type
			return build(s, value).tree
		},
	}}
}

func nothing(*signals.Scope) Node { return Node{} }
