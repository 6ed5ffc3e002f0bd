// Package wasm holds the tests of clients compiled for js/wasm, which speak over the WebSocket of node or of a browser with
// a real server.
//
// A program in a browser cannot listen, so there are two halves: the tests themselves, in *_js_test.go, and a native test
// that starts the server, builds the other half and runs it: in node here, in Chromium in package interop/browser. What both
// halves know is in api.go.
package wasm
