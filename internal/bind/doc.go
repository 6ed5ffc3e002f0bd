// Package bind turns a params struct into the parts of an upgrade request and back.
//
// [Compile] checks an endpoint's path declaration against its params struct once and returns a [Plan]. The client
// side calls [Plan.Encode] and gets path, query string, headers and cookies; the server side calls [Plan.Decode] with
// a [Source] that reads the request. The query string has the grammar of serde_qs 0.15, which a Dioxus peer speaks.
//
// # Declaration
//
// A field of the params struct carries at most one of the tags
//
//	path:"id"  query:"q"  header:"X-Token"  cookie:"sid"
//
// and a field without any binds by its lower-case name: to the path if there is a wildcard of that name, else to the
// query. A tag with the name "-" leaves the field out. Embedded structs are inlined. The path is a pattern of
// http.ServeMux without method and host; a tail such as ?name&age lists the query names, and ?key=arg gives the
// parameter arg the name key on the wire.
//
// # Values
//
// A parameter may be a string, a []byte (text, like a string), a bool, any int, uint or float, a time.Duration
// ("1m30s"), or a type with both MarshalText and UnmarshalText. A pointer makes it optional. Headers may also be
// slices of those, one line per element; a catch-all wildcard may be a []string of segments. Queries may nest slices,
// arrays, structs, tuples, maps and pointers, at most eight brackets deep (a Dioxus peer stops at five).
//
// A parameter is required unless it is a pointer, a slice or a map. A query cannot tell an empty slice or map from
// a missing one, so both read as nil. An optional parameter that is present but empty reads as nil too: a *string
// that points to "" comes back as nil, as it does in serde_qs. Nothing else changes on the way, but for what the text of
// a type leaves out.
//
// # Concurrency
//
// A Plan is immutable: its methods may be called from any goroutine.
//
// The package does not read or write HTTP messages, does not join URLs, and knows no net/http: it builds for browsers.
package bind
