// Package signals holds the npm package reactive-framework-test-suite, which compares the reactive libraries of JavaScript,
// against package signals of tandem compiled to WASM.
package signals
