package fynews

import "errors"

var (
	// ErrReadOnly is returned by the methods that change a binding where there is nothing to change: by Set of what [Item]
	// returns, and by Prepend, Remove, Set and SetValue of what [List] returns.
	ErrReadOnly = errors.New("fynews: the binding cannot be changed")

	// ErrUnbound is returned by Set and Append of a binding whose scope was disposed.
	ErrUnbound = errors.New("fynews: the binding's scope is disposed")
)
