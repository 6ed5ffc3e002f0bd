// Package serde gives every codec of this module one data model. It compiles a Go type once into a plan, a tree of
// kinds, and walks that plan over a small format interface, so that a Go type means the same in JSON, CBOR and
// MsgPack and the same as its counterpart in a Rust peer that uses the crate serde.
//
// # The data model
//
//   - A struct is a map by name. Names come from json tags (name, omitempty, omitzero, "-"), embedded structs are
//     inlined as encoding/json does, unexported fields are ignored. Unknown names are skipped, but what they hold must
//     be well formed. A name that comes twice is refused. Names are case-sensitive. A name that is missing leaves the
//     field at its zero value. Where the format allows it (JSON, MsgPack) an array with exactly one element per
//     field is taken for a struct as well.
//   - A struct that embeds [Tuple] is an array of its fields, of exactly that length.
//   - A pointer is an option: nil is null. Null is refused everywhere else, except for a struct without fields,
//     which is what Rust calls a unit. A nil slice is an empty list, a nil map an empty map.
//   - Integers are checked against their type, a float is never an integer.
//   - []byte is a byte string (base64 text in JSON); lists of integers are accepted too. The tag option format:array
//     makes it a list of integers, which is what Rust writes for Vec<u8>.
//   - time.Time and everything else with MarshalText and UnmarshalText is text, time.Duration an integer of
//     nanoseconds, big.Int an integer of any size up to [MaxBigBytes].
//   - Maps have keys of string, integer or bool kind or with MarshalText. They go out sorted by encoded key.
//   - any decodes to nil, bool, int64 (uint64 above its range), float64, string, []byte, []any or map[string]any.
//   - An interface registered with [Register] is a union.
//
// # How the root package hooks in
//
//   - tandem.Union calls [Register] with the interface type and its variants.
//   - tandem.Tuple and tandem.Unknown are aliases of [Tuple] and [Unknown].
//   - tandem.OneOf[T] is struct{ Value T } with a method TandemTransparent(); see [Transparent]. The walk treats it as
//     the T it holds.
//   - Endpoint.Check calls [Check] for each message type, or the codec's own method CheckType(reflect.Type) error where
//     it has one; the codecs of this module do, and it knows about types with a JSON form of their own.
//   - What a codec returns on bad input is an [*Error], which has Offset() int.
//
// # Concurrency
//
// Everything here may be used from any goroutine. Plans are built at most a few times and never change.
//
// # What it does not do
//
// It knows no encoding: those are in codec/json, codec/cbor and codec/msgpack.
package serde
