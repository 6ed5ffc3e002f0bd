package tandemtest_test

import (
	"context"
	"fmt"
	"testing"
)

// exampleTB stands in the examples for the *testing.T that a test has.
type exampleTB struct {
	testing.TB // nil: the examples call nothing but what is below
	ctx        context.Context
	cancel     context.CancelFunc
	cleanups   []func()
}

func newExampleTB() *exampleTB {
	ctx, cancel := context.WithCancel(context.Background())
	return &exampleTB{ctx: ctx, cancel: cancel}
}

func (t *exampleTB) Helper()                  {}
func (t *exampleTB) Context() context.Context { return t.ctx }
func (t *exampleTB) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }
func (t *exampleTB) Fatal(args ...any)        { panic(fmt.Sprint(args...)) }
func (t *exampleTB) Error(args ...any)        { panic(fmt.Sprint(args...)) }

// end does what the testing package does at the end of a test.
func (t *exampleTB) end() {
	t.cancel()
	for len(t.cleanups) > 0 {
		last := len(t.cleanups) - 1
		f := t.cleanups[last]
		t.cleanups = t.cleanups[:last]
		f()
	}
}
