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
// Sizes, queues and waits are bounded by default; rates, and a time for the first message, are yours to set: see [Limits].
// A peer that breaks one is told so with a close code. Messages of strangers cost memory in proportion to what was
// received, not to what was announced.
//
// # In a browser
//
// A client compiles for js/wasm as it is, where this package links neither net/http nor crypto/tls; what serves is absent
// there. It runs on the browser's own WebSocket, and needs no more of a Content-Security-Policy than Go does:
// 'wasm-unsafe-eval'. What differs is what a page may do:
//
//   - An empty base for Dial is the origin of the page.
//   - It sets no headers: DialOptions.Header, and a header parameter that is set, are errors; see Endpoint.NativeOnly. Its
//     cookies are the browser's to send.
//   - It does not learn why a handshake was refused: the error of Dial matches [ErrLost]. ServeOptions.RefuseInBand lets it
//     in and tells with a close code, which the first Recv returns.
//   - It sends no pings, so [Conn.Ping] works in sessions only. It answers those of the server. Without a session it notices
//     a dead network when the browser does, which may take minutes.
//   - It closes with 1000 and with codes from 3000 on, see [Conn.Close]; and it cannot drop a connection, see
//     [Conn.CloseNow].
//   - It reads whether somebody receives or not. 65536 messages and 64 MiB may lie unreceived; past that the connection is
//     closed with 1013. Sessions never come near, their window is smaller.
//   - When its page is left open connections are closed with 1000, those of sessions with 3008 if the browser keeps the page
//     in memory. If it comes back they are lost: Recv says so, and sessions are resumed.
//   - A callback from JavaScript must not wait, so it must not call Recv or Dial, nor Send where that may wait; start a
//     goroutine, or take [OverflowRefuse] or [Conn.SendVolatile].
//
// In node 20 a WebSocket is there with --experimental-websocket, from 22 on by itself.
//
// # Compatibility
//
// Before version 1, minor versions may change the API; the changelog says how to adapt. The protocol in
// spec/protocol.md changes only by negotiation: an old client works with a new server and the other way round.
package tandem
