// Package gen holds what tandem gen writes against the judgement of others: the TypeScript compiler, a validator of JSON
// Schema, and the official schema of AsyncAPI. What they look at is the golden files of cmd/tandem, and random messages of
// the package api beside this one.
package gen
