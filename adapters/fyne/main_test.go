package fynews_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/data/binding"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	fynews "github.com/tandem-ws/tandem/adapters/fyne"
	"github.com/tandem-ws/tandem/signals"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// toolkit is an app that does what fyne.Do is given when the test calls turn, in the goroutine of the test, as a real driver
// does in the goroutine of main.
type toolkit struct {
	fyne.App
	driver *driver
	graph  *signals.Graph
	scope  *signals.Scope
}

type driver struct {
	fyne.Driver

	mu    sync.Mutex
	queue []func()
}

func newToolkit(t *testing.T) *toolkit {
	app := test.NewTempApp(t)
	k := &toolkit{App: app, driver: &driver{Driver: app.Driver()}}
	fyne.SetCurrentApp(k)
	k.graph = signals.NewGraph(&signals.Options{Scheduler: fynews.Scheduler()})
	k.scope = signals.NewScope(k.graph)
	t.Cleanup(k.scope.Dispose)
	return k
}

func (k *toolkit) Driver() fyne.Driver { return k.driver }

func (d *driver) DoFromGoroutine(f func(), wait bool) {
	if wait {
		panic("nobody waits for the toolkit")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = append(d.queue, f)
}

// turn does what there is to be done, and what that brings with it. It returns how much it was.
func (k *toolkit) turn() (done int) {
	for {
		k.driver.mu.Lock()
		queue := k.driver.queue
		k.driver.queue = nil
		k.driver.mu.Unlock()
		if len(queue) == 0 {
			return done
		}
		for _, f := range queue {
			f()
			done++
		}
	}
}

// frames lets time pass, with a turn every millisecond.
func (k *toolkit) frames(n int) {
	for range n {
		for range 17 {
			time.Sleep(time.Millisecond)
			synctest.Wait() // for what timers have begun
			k.turn()
		}
	}
}

// told counts how often a listener is told.
func (k *toolkit) told(to binding.DataItem) *int {
	n := new(int)
	to.AddListener(binding.NewDataListener(func() { *n++ }))
	k.turn()
	return n
}
