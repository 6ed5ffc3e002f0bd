// Command tandem holds the tools of tandem. Today that is one: gen, which writes TypeScript, JSON Schema and AsyncAPI from
// the endpoints that a Go package declares. docs/gen.md is its reference.
package main
