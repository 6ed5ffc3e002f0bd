package signals

// Map is a memo of what f makes of a value.
func Map[T any, U comparable](v Readable[T], f func(T) U) *Memo[U] {
	return NewMemo(v.Graph(), func(r *Reader) U { return f(v.Get(r)) })
}

// Not is a memo of the opposite.
func Not(v Readable[bool]) *Memo[bool] {
	return Map(v, func(b bool) bool { return !b })
}
