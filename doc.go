// Package tandem gives typed websockets shared by server and client: a websocket endpoint is declared once, as a Go
// value, and from that value come the server's handler and the client.
//
//	var Echo = &tandem.Endpoint[struct{}, string, string]{Path: "/echo", Codec: json.Codec}
//
//	mux.Handle(Echo.Handler(echo, nil))                                      // server
//	c, err := Echo.Dial(ctx, "https://example.com", struct{}{}, nil)         // client
//
// The three type parameters of [Endpoint] are what the upgrade request carries (path, query, headers, cookies), what
// the client sends, and what the server sends. A handler and a client get the same thing, a [Conn], with the two
// message types the other way round. Messages are any Go types the codec knows, also one of several: see [Union].
//
// A message is one websocket message with one encoded value and nothing around it, so any websocket client can talk
// to an endpoint, and the same bytes are understood by the websockets of Dioxus Fullstack 0.7.
//
// # Closing
//
// Whoever is done closes with a code, and the other side sees that code. A handler that returns nil closes with 1000,
// and the loop over Messages at the other end just ends. Everything else is an error that says what happened:
// [CloseError] for a code, [ErrLost] for a connection that broke, [DecodeError] for a message nobody could read. A
// dropped connection is never a normal end.
//
// # Sessions
//
// With [Endpoint].Session a connection outlives its sockets: when the network is lost the client opens another one, and
// the same handler and the same Conn go on, with every message once and in order. When that cannot be done both sides
// are told what was not delivered, with a [Gap]. A session lives in the memory of one server; with [ServeOptions].Store it
// outlives that too, and goes on in a handler started afresh, which finds what [StateOf] has kept. [Conn.Session] is its
// handle.
//
// # Concurrency
//
// One goroutine at a time receives on a Conn; everything else may be called from any number of goroutines. A context
// ends the call it was given to and nothing else: the connection lives on. Endpoints, hubs and codecs are safe for
// concurrent use.
//
// # Limits
//
// Every size, rate and time has a bound and a default: see [Limits]. A peer that breaks one is told so with a close
// code. Messages of strangers cost memory in proportion to what was received, not to what was announced.
//
// # Browsers
//
// Declarations compile for js/wasm, where this package links neither net/http nor crypto/tls. What serves and dials
// natively is absent there, and a dialer for pages does not exist yet. A page cannot set headers, cannot see why a
// handshake was refused, and cannot send pings: Endpoint.NativeOnly, ServeOptions.RefuseInBand and the server's own
// pings take that into account.
//
// # Compatibility
//
// Before version 1, minor versions may change the API; the changelog says how to adapt. The protocol in
// spec/protocol.md changes only by negotiation: an old client works with a new server and the other way round.
package tandem
