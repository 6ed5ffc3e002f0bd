package signals

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrCycle is what a memo panics with that needs its own value.
var ErrCycle = errors.New("signals: a memo needs itself")

// ErrLoop is the panic of an effect that has run a hundred times and each time has caused itself to run again.
var ErrLoop = errors.New("signals: an effect causes itself to run without end")

// PanicError is a panic of the program's in a memo, an effect or a cleanup function.
type PanicError struct {
	// Value is what was given to panic.
	Value any
	// Stack is where that was, as debug.Stack prints it.
	Stack []byte
}

// Error tells the value. The stack is not in it.
func (p *PanicError) Error() string { return fmt.Sprintf("signals: panic: %v", p.Value) }

// Unwrap gives the value, if it is an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// try calls f and catches its panic. One that was caught before, such as that of a memo which f has read, stays what it is.
func try(f func()) (p *PanicError) {
	defer func() {
		if v := recover(); v != nil {
			var ok bool
			if p, ok = v.(*PanicError); !ok {
				p = &PanicError{Value: v, Stack: debug.Stack()}
			}
		}
	}()
	f()
	return nil
}
