package teaws_test

import (
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"

	teaws "github.com/tandem-ws/tandem/adapters/bubbletea"
	"github.com/tandem-ws/tandem/signals"
)

// thermometer shows a signal that other goroutines write.
type thermometer struct {
	loop *teaws.Loop
	text string
}

func (t *thermometer) Init() tea.Cmd { return t.loop.Listen() }

func (t *thermometer) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case teaws.Effects:
		cmd := msg.Run() // t.text changes here
		fmt.Println(t.text)
		return t, tea.Batch(cmd, tea.Quit)
	}
	return t, nil
}

func (t *thermometer) View() tea.View { return tea.NewView(t.text) }

// Effects may change the model, because they run in Update.
func ExampleLoop() {
	loop := teaws.NewLoop()
	defer loop.Close()
	graph := signals.NewGraph(&signals.Options{Scheduler: loop.Schedule})
	scope := signals.NewScope(graph)
	defer scope.Dispose()

	degrees := signals.New(graph, 20)
	model := &thermometer{loop: loop}
	signals.Effect(scope, func(r *signals.Reader) {
		model.text = fmt.Sprintf("It is %d °C.", degrees.Get(r))
	})
	fmt.Println(model.text) // the first run is in the call of Effect

	go degrees.Set(21)
	if _, err := tea.NewProgram(model, tea.WithInput(nil), tea.WithOutput(io.Discard)).Run(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// It is 20 °C.
	// It is 21 °C.
}
