package schema

// Version is that of the form a document has as JSON. A reader refuses another one.
const Version = 1

// Document describes the endpoints of a package.
type Document struct {
	Version   int         `json:"version"`
	Package   string      `json:"package"` // its import path
	Doc       string      `json:"doc,omitempty"`
	Endpoints []*Endpoint `json:"endpoints"`
	// Types are the types that have names, in the order in which the endpoints come to them.
	Types []*Named `json:"types,omitempty"`
}

// Endpoint describes one endpoint.
type Endpoint struct {
	Name string `json:"name"` // of the variable
	Docs
	// Path is a pattern with {wildcards}, escaped, without what only routers want.
	Path string `json:"path"`
	// Params is the ID of the type that holds the parameters; empty for none.
	Params string `json:"params,omitempty"`
	In     *Type  `json:"in"`  // from client to server
	Out    *Type  `json:"out"` // from server to client

	Codec      string   `json:"codec"`
	Text       bool     `json:"text,omitempty"` // the codec's messages are text frames
	NativeOnly bool     `json:"nativeOnly,omitempty"`
	Limits     Limits   `json:"limits"`
	Session    *Session `json:"session,omitempty"` // nil for none
	Hash       string   `json:"hash"`
}

// Limits are those that a client has to know, as they are declared: 0 means the default.
type Limits struct {
	MaxClientMessage int `json:"maxClientMessage,omitempty"`
	MaxServerMessage int `json:"maxServerMessage,omitempty"`
}

// Session is what a client has to know of the policy of an endpoint with sessions, as it is declared: 0 means the default.
// The rest the server tells it.
type Session struct {
	Messages      int  `json:"messages,omitempty"`
	Bytes         int  `json:"bytes,omitempty"`
	ClientCommits bool `json:"clientCommits,omitempty"`
}

// Docs are what the source says about something.
type Docs struct {
	Doc string `json:"doc,omitempty"` // without the deprecation
	// Deprecated says what to use instead; empty for what is not deprecated.
	Deprecated string `json:"deprecated,omitempty"`
}

// Named is a type with a name.
type Named struct {
	// ID is unique in the document. References hold it.
	ID string `json:"id"`
	// Name is unique in the document and an identifier that begins with a capital: the Go name where that will do.
	Name string `json:"name"`
	// Decl is where the source declares it, "import/path.Name".
	Decl string `json:"decl"`
	Docs
	Type *Type `json:"type"`
	// Params says that it holds the parameters of endpoints, or is part of those.
	Params bool `json:"params,omitempty"`
	// Values are the constants of the type. Closed says that there are no others: see Annotate.
	Values []Value `json:"values,omitempty"`
	Closed bool    `json:"closed,omitempty"`
}

// Value is a constant.
type Value struct {
	Name string `json:"name"` // without the name of its type in front
	Docs
	// Text is its text, or its digits.
	Text string `json:"text"`
}

// Kind is what a type is in the data model.
type Kind string

// The kinds of types.
const (
	Ref      Kind = "ref" // Type.Ref names it
	Bool     Kind = "bool"
	Int      Kind = "int" // of Bits, Unsigned or not
	Big      Kind = "big" // an integer of any size
	Float    Kind = "float"
	String   Kind = "string"
	Time     Kind = "time"     // RFC 3339 text
	Duration Kind = "duration" // nanoseconds, of 64 bits; among parameters text such as 1m30s, of no bits
	Bytes    Kind = "bytes"    // Len bytes, or any number if Len is -1
	ByteList Kind = "byteList" // the same as a list of integers
	List     Kind = "list"
	Array    Kind = "array" // a list of Len elements
	Map      Kind = "map"
	Struct   Kind = "struct"
	Tuple    Kind = "tuple" // a list of Fields
	Option   Kind = "option"
	Any      Kind = "any"
	Union    Kind = "union"
	Custom   Kind = "custom" // has an encoding of its own that nobody can describe
)

// Type is a type or a reference to one.
type Type struct {
	Kind     Kind   `json:"kind"`
	Ref      string `json:"ref,omitempty"`
	Bits     int    `json:"bits,omitempty"`
	Unsigned bool   `json:"unsigned,omitempty"`
	// Exact says that TypeScript is to keep all digits: a bigint.
	Exact    bool      `json:"exact,omitempty"`
	Len      int       `json:"len,omitempty"`
	Elem     *Type     `json:"elem,omitempty"`
	Key      *Type     `json:"key,omitempty"`
	Fields   []Field   `json:"fields,omitempty"`
	Variants []Variant `json:"variants,omitempty"` // sorted by tag
	// TagKey and ContentKey are the keys of a union with adjacent tagging; empty for external tagging.
	TagKey     string `json:"tagKey,omitempty"`
	ContentKey string `json:"contentKey,omitempty"`
	// Open says that a union takes tags that it does not know.
	Open bool `json:"open,omitempty"`
}

// Field is a field of a struct or tuple.
type Field struct {
	Name   string `json:"name"` // on the wire
	GoName string `json:"goName"`
	Owner  string `json:"owner"` // the struct that declares it, "import/path.Name"; empty if that has no name
	Docs
	// In is where a parameter travels: "path", "query", "header" or "cookie". Empty for messages and nested fields.
	In string `json:"in,omitempty"`
	// Multi says that a path parameter spans slashes.
	Multi bool `json:"multi,omitempty"`
	// Optional says that it may be missing.
	Optional bool  `json:"optional,omitempty"`
	Type     *Type `json:"type"`
}

// Variant is a variant of a union.
type Variant struct {
	Tag string `json:"tag"`
	// Type is nil for a tag that is all there is. Then Decl tells whose comment is the variant's.
	Type *Type  `json:"type,omitempty"`
	Decl string `json:"decl,omitempty"`
	Docs
}

// Named finds a type by its ID.
func (d *Document) Named(id string) *Named {
	for _, n := range d.Types {
		if n.ID == id {
			return n
		}
	}
	return nil
}

// Resolve follows references to what a type is.
func (d *Document) Resolve(t *Type) *Type {
	for t.Kind == Ref {
		t = d.Named(t.Ref).Type
	}
	return t
}
