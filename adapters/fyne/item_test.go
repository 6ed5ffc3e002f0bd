package fynews_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/data/binding"
	"fyne.io/fyne/v2/widget"

	fynews "github.com/tandem-ws/tandem/adapters/fyne"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

func TestItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		count := signals.New(k.graph, 1)
		text := signals.Map[int](count, strconv.Itoa)
		item := fynews.Item(k.scope, text)
		label := widget.NewLabelWithData(item)
		k.turn()
		assert.Equal(t, label.Text, "1")
		go count.Set(2)
		k.frames(1)
		assert.Equal(t, label.Text, "2")
		assert.ErrorIs(t, item.Set("3"), fynews.ErrReadOnly)
		k.frames(1)
		assert.Equal(t, label.Text, "2")
	})
}

// Many changes are few calls of listeners, the last with the last value.
func TestItem_oncePerFrame(t *testing.T) {
	for _, schedule := range []signals.Scheduler{fynews.Scheduler(), signals.Sync} {
		synctest.Test(t, func(t *testing.T) {
			k := newToolkit(t)
			g := signals.NewGraph(&signals.Options{Scheduler: schedule})
			scope := signals.NewScope(g)
			defer scope.Dispose()
			count := signals.New(g, 0)
			item := fynews.Item(scope, count)
			var seen []int
			item.AddListener(binding.NewDataListener(func() {
				n, err := item.Get()
				assert.NoError(t, err)
				seen = append(seen, n)
			}))
			k.turn()
			count.Set(1) // the first of them is not held up
			k.turn()
			for i := range 1000 {
				count.Set(i + 2)
				k.turn()
			}
			k.frames(3)
			assert.Equal(t, seen, []int{0, 1, 1001})
		})
	}
}

// What nobody looks at does not fill the queue of the toolkit.
func TestItem_busy(t *testing.T) {
	for _, schedule := range []signals.Scheduler{fynews.Scheduler(), signals.Sync} {
		synctest.Test(t, func(t *testing.T) {
			k := newToolkit(t)
			g := signals.NewGraph(&signals.Options{Scheduler: schedule})
			scope := signals.NewScope(g)
			defer scope.Dispose()
			count := signals.New(g, 0)
			told := k.told(fynews.Item(scope, count))
			for i := range 1000 {
				count.Set(i + 1)
				time.Sleep(time.Millisecond)
			}
			done := k.turn()
			assert.True(t, done <= 2, done)
			assert.Equal(t, *told, 2)
		})
	}
}

func TestBind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		name := signals.New(k.graph, "Ada")
		entry := widget.NewEntryWithData(fynews.Bind(k.scope, name))
		k.turn()
		assert.Equal(t, entry.Text, "Ada")
		entry.SetText("Grace")
		k.frames(1)
		assert.Equal(t, name.Peek(), "Grace")
		go name.Set("Joan")
		k.frames(1)
		assert.Equal(t, entry.Text, "Joan")
	})
}

// What is typed is not overwritten by what was typed before it, whenever that is told.
func TestBind_typing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		name := signals.New(k.graph, "")
		entry := widget.NewEntryWithData(fynews.Bind(k.scope, name))
		k.turn()
		want := ""
		for _, r := range "Ada Lovelace" {
			want += string(r)
			entry.TypedRune(r)
			if r == ' ' || r == 'v' {
				k.frames(1)
			}
			assert.Equal(t, entry.Text, want)
			assert.Equal(t, name.Peek(), want)
		}
		k.frames(2)
		assert.Equal(t, entry.Text, want)
	})
}

// When the scope is disposed, nothing goes either way, also what was on its way: an effect, a call of fyne.Do, a timer.
func TestBind_disposed(t *testing.T) {
	for _, schedule := range []signals.Scheduler{fynews.Scheduler(), signals.Sync} {
		for _, early := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				k := newToolkit(t)
				g := signals.NewGraph(&signals.Options{Scheduler: schedule})
				scope := signals.NewScope(g)
				name := signals.New(g, "Ada")
				b := fynews.Bind(scope, name)
				told := k.told(b)
				name.Set("Grace")
				if early {
					k.turn()
					name.Set("Joan") // it has to wait for its frame
					k.turn()
				}
				before := *told
				scope.Dispose()
				time.Sleep(time.Second)
				assert.True(t, k.turn() == 0 || !early, "the timer has been stopped")
				assert.Equal(t, *told, before)
				name.Set("Edith")
				k.frames(3)
				assert.Equal(t, *told, before)
				assert.ErrorIs(t, b.Set("late"), fynews.ErrUnbound)
				assert.Equal(t, name.Peek(), "Edith")
			})
		}
	}
}

func TestItem_RemoveListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		count := signals.New(k.graph, 0)
		item := fynews.Item(k.scope, count)
		told, others := 0, k.told(item)
		l := binding.NewDataListener(func() { told++ })
		item.AddListener(l)
		k.turn()
		item.RemoveListener(l)
		k.turn()
		count.Set(1)
		k.frames(1)
		assert.Equal(t, told, 1)
		assert.Equal(t, *others, 2)
	})
}

// Effects run where widgets may be touched.
func TestScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		count := signals.New(k.graph, 0)
		label := widget.NewLabel("")
		signals.Effect(k.scope, func(r *signals.Reader) { label.SetText(strconv.Itoa(count.Get(r))) })
		go count.Set(1)
		synctest.Wait()
		assert.Equal(t, label.Text, "0")
		k.turn()
		assert.Equal(t, label.Text, "1")
	})
}
