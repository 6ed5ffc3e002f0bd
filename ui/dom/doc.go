// Package dom puts what package ui builds into a page in a browser, and keeps it up to date. Its functions are there when a
// program is compiled for js.
//
//	func main() {
//		if _, err := dom.Mount("#app", Page, nil); err != nil {
//			panic(err)
//		}
//		select {} // a Go program that returns is gone from the page
//	}
//
// A piece of a page is written as one text of HTML, which browsers read many times faster than a program can make elements;
// what is bound is then found in it by marks: attributes data-ui and data-on, and comments. Each kind of event has one
// listener, at the element that the page is mounted in.
//
// # When
//
// With [NewGraph], which is the default, effects run in a microtask: when the program waits for the next event, message or
// timer. So the page shows several changes at once, in the same frame and before anything else happens.
//
// # Content security policy
//
// The page needs script-src 'wasm-unsafe-eval', as every Go program does, and nothing for this package: it has no code in
// texts, and styles are set by program. It does set innerHTML, so require-trusted-types-for needs a default policy.
//
// # Panics
//
// What components, bindings and event handlers panic with is written to the console, with its stack, and given to
// [Options].OnPanic. A row or a branch that panics while it is built is left out. The page lives.
package dom
