// Package envelope writes and reads the frames of a session, [kind, seq, payload, meta?], in the format of the codec
// that writes the messages: spec/session.md, section 2.
//
// A message goes out without being copied: [Codec.AppendHeader], then whatever encodes the payload, then
// [Codec.AppendTail]. It comes in as a slice of the frame: [Codec.Parse].
//
// The formats are those of internal/serde, so every value that is skipped, and every limit, is the codec's own. A codec
// that is none of them gets its payload carried as bytes, see [Opaque].
//
// A Codec may be used from any goroutine.
package envelope
