package fynews_test

import (
	"fmt"

	"fyne.io/fyne/v2/data/binding"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	fynews "github.com/tandem-ws/tandem/adapters/fyne"
	"github.com/tandem-ws/tandem/signals"
)

// The name that is typed is that of the greeting. A program has app.New in place of test.NewApp, and window.SetOnClosed dispose
// the scope.
func Example() {
	test.NewApp()
	graph := signals.NewGraph(nil) // a program: &signals.Options{Scheduler: fynews.Scheduler()}
	scope := signals.NewScope(graph)
	defer scope.Dispose()

	name := signals.New(graph, "Ada")
	greeting := signals.Map(name, func(s string) string { return "Hello, " + s + "!" })
	entry := widget.NewEntryWithData(fynews.Bind(scope, name))
	label := widget.NewLabelWithData(fynews.Item(scope, greeting))
	fmt.Println(label.Text)

	entry.SetText("Grace")
	fmt.Println(name.Peek())
	fmt.Println(label.Text)
	// Output:
	// Hello, Ada!
	// Grace
	// Hello, Grace!
}

// Messages are appended by whoever receives them; the widget is refreshed once in a frame.
func ExampleList() {
	test.NewApp()
	graph := signals.NewGraph(nil)
	scope := signals.NewScope(graph)
	defer scope.Dispose()

	messages := signals.NewList[string](graph, 1000) // the last 1000 are kept
	data := fynews.List(scope, messages)
	messages.Append("HELLO ADA, 36", "HI")

	item, err := data.GetItem(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	label := widget.NewLabel("")
	label.Bind(item.(binding.String))
	fmt.Println(data.Length(), label.Text)
	// Output:
	// 2 HI
}
