// Package json is the codec for JSON (RFC 8259), the one to start with: readable by every tool and every browser.
//
// # What a Go type becomes
//
// One data model serves all codecs of this module: that of Rust's crate serde, so that a Rust peer means the same. A
// type therefore means the same in JSON, CBOR and MsgPack, json tags included:
//
//   - A struct is a map by name. The tag gives the name and the options omitempty and omitzero, "-" leaves a field
//     out, embedded structs are inlined as encoding/json does. A missing field keeps its zero value, an unknown one is
//     skipped. A struct that embeds tandem.Tuple is an array of its fields.
//   - A pointer is null or what it points to. Null is refused for everything else: a nil slice goes out as [], a nil
//     map as {}. Only a struct without fields, a unit, accepts null.
//   - Integers must fit their type, and a float is no integer: 1.0 and 1e2 are refused for an int, 1 is fine for a
//     float in JSON and MsgPack.
//   - time.Time and other types with MarshalText and UnmarshalText are text, time.Duration is nanoseconds.
//   - any becomes nil, bool, int64 (uint64 above its range, float64 beyond 64 bits), float64, string, []byte (not in
//     JSON), []any or map[string]any.
//   - An interface is a union that tandem.Union declares.
//   - Texts of up to 64 bytes share blocks of 512, also with other messages: who keeps one for long, and little else, keeps
//     its block, unless strings.Clone gives it memory of its own.
//   - Map keys may be of string, integer or bool kind or have MarshalText. Entries go out sorted.
//   - Refused: duplicate names, invalid UTF-8 and lone surrogates, names in another case (they are unknown ones),
//     numbers out of range, bytes behind the message, nesting deeper than the limit.
//
// # What is particular to JSON
//
//   - []byte is base64 with padding. A list of numbers is accepted too, and written with the tag option format:array,
//     which is what Rust does for Vec<u8>: `json:"data,format:array"`.
//   - NaN and infinities cannot be encoded.
//   - A type with MarshalJSON and UnmarshalJSON uses them, here and in no other codec.
//   - An array with exactly one element for each field is accepted for a struct.
//   - Text is escaped only where JSON asks for it, so not fit to be pasted into a script element of HTML.
//
// The codec is safe for concurrent use. It does no streaming: a message is one frame.
package json
