package tandem

import (
	"maps"
	"reflect"

	"github.com/tandem-ws/tandem/internal/say"
	"github.com/tandem-ws/tandem/internal/serde"
)

// Union declares that messages of the interface type T are one of these variants, each known by its tag on the wire.
// The values of the map stand for their types; the compiler proves that each belongs to T:
//
//	type ClientEvent interface{ clientEvent() }
//
//	type TextInput string
//	type Leave struct{}
//
//	func (TextInput) clientEvent() {}
//	func (Leave) clientEvent()     {}
//
//	var _ = tandem.Union[ClientEvent](map[string]ClientEvent{"TextInput": TextInput(""), "Leave": Leave{}})
//
// On the wire a variant is an object with its tag as the only key, {"TextInput":"hi"}, and a variant without fields is
// its bare tag, "Leave"; {"Leave":null} and {"Leave":{}} are understood too. That is what serde does by default, in
// every codec. A pointer variant, &Leave{}, is decoded to a pointer.
//
// T can be a message type, and the type of a field, an element or a map's value. A nil T cannot be encoded. Where a
// variant may be absent, use *OneOf[T].
//
// Union is to be called while package variables are initialized. It panics when the table could not work: no variants,
// an empty tag, one type under two tags, an interface that is declared already. The declaration it returns serves
// tests: see [UnionType.Variants].
func Union[T any](variants map[string]T) UnionType { return UnionWith(variants, nil) }

// UnionOptions change how a union looks on the wire. A nil *UnionOptions means the defaults.
type UnionOptions struct {
	// Adjacent writes {"type":"TextInput","data":"hi"} instead of {"TextInput":"hi"}; a variant without fields has no
	// data. TypeScript narrows it with a switch. Default off.
	Adjacent bool

	// TypeKey and DataKey are the keys used by Adjacent. Defaults "type" and "data".
	TypeKey, DataKey string

	// Unknown is the variant for tags that are not in the table: a struct that embeds [Unknown]. It lets an old
	// program survive a new variant. Default: an unknown tag cannot be decoded.
	Unknown any
}

// UnionWith is Union with options.
func UnionWith[T any](variants map[string]T, o *UnionOptions) UnionType {
	if o == nil {
		o = &UnionOptions{}
	}
	u := serde.Union{Interface: reflect.TypeFor[T](), Variants: make(map[string]reflect.Type, len(variants))}
	for tag, v := range variants {
		u.Variants[tag] = reflect.TypeOf(v)
	}
	if o.Adjacent {
		u.Tagging, u.TagKey, u.ContentKey = serde.Adjacent, orKey(o.TypeKey, serde.DefaultTagKey), orKey(o.DataKey, serde.DefaultContentKey)
	} else if o.TypeKey != "" || o.DataKey != "" {
		panic(say.Sprintf("tandem: union %s: TypeKey and DataKey need Adjacent", u.Interface))
	}
	if o.Unknown != nil {
		u.Unknown = reflect.TypeOf(o.Unknown)
	}
	if err := serde.Register(u); err != nil {
		panic("tandem: " + err.Error())
	}
	return UnionType{u}
}

func orKey(key, def string) string {
	if key == "" {
		return def
	}
	return key
}

// UnionType is a declared union.
type UnionType struct{ u serde.Union }

// Variants gives the variants' types by tag.
func (t UnionType) Variants() map[string]reflect.Type {
	return maps.Clone(t.u.Variants)
}

// Unknown is for embedding: it lets a struct hold a variant that the program does not know.
//
//	type OtherEvent struct{ tandem.Unknown }
//
//	func (OtherEvent) clientEvent() {}
//
//	var _ = tandem.UnionWith(variants, &tandem.UnionOptions{Unknown: OtherEvent{}})
//
// Its Tag is the variant's name, Data the content as it came, in the encoding of Codec. Sent on in the same codec, it
// is the same variant again; in another codec it cannot be encoded.
type Unknown = serde.Unknown

// OneOf gives a union a place where a pointer is needed or reads better: *OneOf[Shape] is a Shape that may be absent.
// On the wire it is its Value and nothing else.
type OneOf[T any] struct{ Value T }

// TandemTransparent tells the codecs that there is nothing on the wire but the value.
func (OneOf[T]) TandemTransparent() {}

// Tuple is for embedding: it makes a struct an array of its fields in the order of their declaration, of exactly that
// length. That is what Rust calls a tuple or tuple struct.
//
//	type Point struct {
//		tandem.Tuple
//		X, Y int
//	}
type Tuple = serde.Tuple
