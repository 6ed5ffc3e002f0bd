// Package live has a websocket as a reactive value: a [Socket] is connected again when it was lost and when its parameters
// change, and says in a signal how it is. It is for user interfaces, in the browser, in a terminal or on a desktop, and for
// whatever else wants to be connected rather than to connect.
//
//	name := signals.New(graph, "Ada")
//	ws := live.Use(scope, api.Uppercase, func(r *signals.Reader) api.Person {
//		return api.Person{Name: name.Get(r), Age: 36}
//	}, nil)
//	signals.Effect(scope, func(r *signals.Reader) { show(ws.Status().Get(r).State.String()) })
//	go ws.Send(ctx, api.TextInput("hi"))
//	for msg, err := range ws.Messages(ctx) { ... }
//
// # Conversations
//
// Each connection to the server is a conversation, with a handler of its own there. [Status].Generation counts them. A
// loop over [Socket.Messages] goes on over all of them; what one of them had told the server, the next has to tell again,
// and [Socket.OnOpen] is where. Where the endpoint has sessions, a lost socket does not end a conversation: the session is
// resumed, nothing is lost, and Generation stays; only when that cannot be done another one begins, and the *tandem.Gap with
// what was not delivered is in [Break].Cause.
//
// A message is given to [Socket.Send] once and sent once: it is tried again only after an error that says that nothing of it
// was sent. What was sent and not yet delivered when a plain connection is lost is lost with it, as always without a session.
//
// # Goroutines
//
// Everything may be called from any goroutine. A Socket has a goroutine of its own, and another one reads; they end, with
// the connection, when the scope is disposed. Status and the rest are signals of the scope's graph.
package live
