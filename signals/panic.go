package signals

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
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

// Error tells the value, or its type if it is none that can be told. The stack is not in it.
func (p *PanicError) Error() string { return "signals: panic: " + valueText(p.Value) }

// Unwrap gives the value, if it is an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// Recovered makes a PanicError of what recover has returned, with the stack as it is, or gives the one that it is already.
// The deferred function that recovers calls it.
func Recovered(v any) *PanicError {
	if p, ok := v.(*PanicError); ok {
		return p
	}
	return &PanicError{Value: v, Stack: stack()}
}

// stack is debug.Stack, whose package brings packages os and fmt: 40 kB of what a browser downloads.
func stack() []byte {
	for size := 4096; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, false); n < size {
			return buf[:n]
		}
	}
}

// valueText is what fmt.Sprint says of values that have a text or are numbers.
func valueText(v any) string {
	switch v := v.(type) {
	case error:
		return v.Error()
	case interface{ String() string }:
		return v.String()
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return "a value of type " + typeName(v)
}

// typeName is the name of a value's type, as the runtime tells it when a value is taken for what it is not.
func typeName(v any) (name string) {
	defer func() {
		if err, ok := recover().(error); ok {
			_, name, _ = strings.Cut(err.Error(), " is ")
			name, _, _ = strings.Cut(name, ", not ")
		}
	}()
	_ = v.(nobody)
	return ""
}

// nobody is a type that no value has.
type nobody struct{ _ byte }

// try calls f and catches its panic. One that was caught before, such as that of a memo which f has read, stays what it is.
func try(f func()) (p *PanicError) {
	defer func() {
		if v := recover(); v != nil {
			p = Recovered(v)
		}
	}()
	f()
	return nil
}
