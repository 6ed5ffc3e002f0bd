// Package browser holds tests with a real browser, a headless Chromium, on the page of the uppercase example: plain
// JavaScript that speaks the JSON mode over the browser's own WebSocket. It runs the tests of package wasm there too.
package browser
