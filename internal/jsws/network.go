//go:build js

package jsws

import "syscall/js"

// Notice is something that a browser knows of the network, or of who looks at a page.
type Notice int

// The notices.
const (
	Online  Notice = iota // there is a network again
	Offline               // there is none
	Visible               // somebody looks at the page again, or it has come back
)

// Watch tells of notices, and of Offline at once if there is no network now, until stop is called. tell must not wait for
// anything. Where there is neither a window nor a worker, as in node, it tells nothing.
func Watch(tell func(Notice)) (stop func()) {
	global := js.Global()
	if !global.Get("addEventListener").Truthy() {
		return func() {}
	}
	document := global.Get("document")
	notify := js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer func() { _ = recover() }() // it must not end the program
		switch args[0].Get("type").String() {
		case "online":
			tell(Online)
		case "offline":
			tell(Offline)
		case "pageshow":
			tell(Visible)
		case "visibilitychange":
			if document.Get("visibilityState").String() == "visible" {
				tell(Visible)
			}
		}
		return nil
	})
	listen := func(method string) {
		for _, event := range [...]string{"online", "offline", "pageshow"} {
			global.Call(method, event, notify)
		}
		if document.Truthy() {
			document.Call(method, "visibilitychange", notify)
		}
	}
	listen("addEventListener")
	if navigator := global.Get("navigator"); navigator.Truthy() && navigator.Get("onLine").Type() == js.TypeBoolean && !navigator.Get("onLine").Bool() {
		tell(Offline)
	}
	return func() {
		listen("removeEventListener")
		notify.Release()
	}
}
