//go:build js

package jsws

import (
	"sync"
	"syscall/js"
)

// What each message needs of JavaScript, looked up once.
var (
	uint8Array = sync.OnceValue(func() js.Value { return js.Global().Get("Uint8Array") })
	encoder    = sync.OnceValue(func() js.Value { return js.Global().Get("TextEncoder").New() })
)
