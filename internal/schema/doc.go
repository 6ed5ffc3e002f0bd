// Package schema describes endpoints as data, for generators: what connects, what travels, and what it is called.
//
// [Describe] makes a [Document] from declarations. Messages come from the plans that the codecs walk (internal/serde),
// parameters from those that bind them (internal/bind), so what a schema says is what travels. What reflection cannot
// see, which is comments and constants, [Document.Annotate] adds from the source. A document can be written as JSON and
// read again: the program that can import a package and the one that prints are two.
//
// # The hash
//
// [Endpoint.Hash] tells whether two programs mean the same by an endpoint: 32 hexadecimal digits, the first half of the
// SHA-256 of a canonical text. In it are
//
//   - the path with its wildcards, each parameter's name, place, type, and whether it is required, in any order,
//   - the codec's name,
//   - the shape of both message types: kinds, the bits of numbers, lengths of arrays, names of fields and whether they
//     may be missing, in any order; elements of tuples in theirs; tags of unions and how they are tagged.
//
// Not in it are the names of types and variables, the order of fields, constants, comments, limits, sessions, whether a
// union knows what to do with an unknown tag, and everything that concerns one language only. All of it comes from
// reflection, so a server can compute the hash that a generator has printed: both begin with [Declare].
//
// # Concurrency
//
// Describe may be called from any goroutine; a Document has one user at a time.
//
// # What it does not do
//
// It prints nothing and reads no files: that is for cmd/tandem.
package schema
