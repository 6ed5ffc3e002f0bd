// Package fynews shows signals in programs made with Fyne (fyne.io/fyne/v2): values, lists and two-way values as bindings that
// widgets take. The package is not called after its directory, because a program imports it beside package fyne.
//
//	graph := signals.NewGraph(&signals.Options{Scheduler: fynews.Scheduler()})
//	scope := signals.NewScope(graph)
//	name := signals.New(graph, "Ada")
//	ws := live.Use(scope, api.Uppercase, func(r *signals.Reader) api.Person { return api.Person{Name: name.Get(r), Age: 36} },
//		&live.Options{Base: base})
//	answers := signals.NewList[string](graph, 1000)
//	state := signals.Map(ws.Status(), func(s live.Status) string { return s.State.String() })
//
//	widget.NewEntryWithData(fynews.Bind(scope, name))
//	widget.NewLabelWithData(fynews.Item(scope, state))
//	widget.NewListWithData(fynews.List(scope, answers), createRow, updateRow)
//	window.SetOnClosed(scope.Dispose)
//
//	go func() {
//		for msg, err := range ws.Messages(ctx) { ... answers.Append(text) ... }
//	}()
//
// # When widgets are told
//
// A binding reads its signal, and tells its listeners of changes through fyne.Do, once in a frame at most however often it
// changes: a thousand messages appended to a list are one refresh of its widget, not a thousand. What listeners then see is the
// last value. Of a list they see it as it was when they were told, until they are told again, so that Length and GetItem agree.
//
// # Goroutines
//
// Everything may be called from any goroutine. Listeners are called where Fyne has them be. With [Scheduler] the effects of the
// graph run there too, which they must if they touch widgets; bindings do not depend on it.
//
// A program needs its app before its first binding, because fyne.Do does.
//
// # The end
//
// When the scope is disposed, bindings are told of nothing any more and set nothing. A window disposes the scope of what it
// shows when it is closed.
package fynews
