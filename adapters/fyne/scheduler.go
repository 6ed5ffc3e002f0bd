package fynews

import (
	"fyne.io/fyne/v2"

	"github.com/tandem-ws/tandem/signals"
)

// Scheduler has the effects of a graph run where they may touch widgets: it is fyne.Do.
func Scheduler() signals.Scheduler { return fyne.Do }
