// Package ui builds pages out of plain values, and keeps them up to date with package signals.
//
//	func Counter(s *signals.Scope) ui.Node {
//		count := signals.New(s.Graph(), 0)
//		return ui.P(
//			"Pressed ", ui.TextOf(count, strconv.Itoa), " times. ",
//			ui.Button(ui.OnClick(func() { count.Set(count.Peek() + 1) }), "Press"),
//		)
//	}
//
// A component is a function like this one. It runs once: what changes later is not the tree of nodes but the text, the
// attribute or the list that was bound to a signal, and nothing around it. Nodes are data, the same on every platform.
// Two packages make something of them: ui/html a text, on servers and in tests; ui/dom a part of a browser's page.
//
// # Parts
//
// What is given to an element are its parts, see [Part]: texts, other nodes, attributes, event handlers. A text is a text:
// whatever is in it, a browser shows it and takes none of it for markup. HTML that is to be taken as such has a type of its
// own, [RawHTML], and so do addresses that are not to be checked, [TrustedURL].
//
// # Scopes
//
// What a component makes in the scope that it is given ends with its place in the page. [Show], [Switch], [For] and [Each]
// give the components in them scopes of their own.
//
// # Goroutines
//
// Nodes are not changed once they are built, so that several goroutines may render the same. In a browser components,
// bindings and event handlers run one at a time, on its one thread; none of them may wait for anything, because the page
// stands still meanwhile. What takes time belongs into a goroutine, which writes signals when it is done.
//
// # Mistakes
//
// Names that cannot be names, parts that cannot be parts, and elements that cannot be in others panic where the page is
// built: they are the program's. What users may have entered, texts and addresses, never does.
//
// # What it does not do
//
// There is no router, no store, no styling, and nothing is compared with an earlier tree.
package ui
