package fynews_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/data/binding"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	fynews "github.com/tandem-ws/tandem/adapters/fyne"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/signals"
)

// A list in a window is refreshed once for many items, and shows the last ones.
func TestList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		items := signals.NewList[string](k.graph, 0)
		items.Append("first")
		data := fynews.List(k.scope, items)
		updates := 0
		var labels []*widget.Label
		shown := widget.NewListWithData(data,
			func() fyne.CanvasObject {
				labels = append(labels, widget.NewLabel(""))
				return labels[len(labels)-1]
			},
			func(item binding.DataItem, o fyne.CanvasObject) {
				updates++
				o.(*widget.Label).Bind(item.(binding.String))
			})
		w := test.NewTempWindow(t, shown)
		w.Resize(fyne.NewSize(200, 200))
		k.turn()
		told := k.told(data)
		updates = 0
		go func() {
			for i := range 10_000 {
				items.Append(strconv.Itoa(i))
			}
		}()
		synctest.Wait()
		k.frames(2)
		assert.Equal(t, data.Length(), 10_001)
		assert.True(t, *told == 2 || *told == 3, *told)
		assert.True(t, updates > 0 && updates < 100, updates)
		rows := updates
		shown.ScrollToBottom()
		k.turn()
		assert.True(t, slices.ContainsFunc(labels, func(l *widget.Label) bool { return l.Text == "9999" }), "the last item is shown")
		t.Logf("%d items appended: %d calls of listeners, %d rows updated", 10_000, *told-1, rows)
	})
}

// Between two calls of listeners a list is as it was.
func TestList_steady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		items := signals.NewList[int](k.graph, 0)
		data := fynews.List(k.scope, items)
		told := k.told(data)
		items.Append(1, 2, 3)
		k.turn()
		assert.Equal(t, *told, 2)
		items.Clear()
		items.Append(4)
		k.turn()
		assert.Equal(t, data.Length(), 3)
		for i := range 3 {
			n, err := data.GetValue(i)
			assert.NoError(t, err)
			assert.Equal(t, n, i+1)
		}
		k.frames(1)
		assert.Equal(t, *told, 3)
		all, err := data.Get()
		assert.NoError(t, err)
		assert.Equal(t, all, []int{4})
		for _, i := range []int{-1, 1} {
			_, err = data.GetValue(i)
			assert.True(t, err != nil, "an item %d", i)
			_, err = data.GetItem(i)
			assert.True(t, err != nil, "an item %d", i)
		}
	})
}

// An item that is looked at by itself is told when another one is in its place, and not when there are more behind it.
func TestList_GetItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		items := signals.NewList[int](k.graph, 3)
		items.Append(1, 2)
		data := fynews.List(k.scope, items)
		item, err := data.GetItem(1)
		assert.NoError(t, err)
		second := item.(binding.Item[int])
		told := k.told(second)
		get := func(want int) {
			t.Helper()
			n, err := second.Get()
			assert.NoError(t, err)
			assert.Equal(t, n, want)
		}
		get(2)
		items.Append(3)
		k.frames(1)
		assert.Equal(t, *told, 1)
		items.Append(4, 5)
		k.frames(1)
		assert.Equal(t, *told, 2)
		get(4)
		items.Clear()
		k.frames(1)
		assert.Equal(t, *told, 3)
		_, err = second.Get()
		assert.True(t, err != nil, "an item of an empty list")
		items.Append(6)
		k.frames(1)
		items.Append(7)
		k.frames(1)
		get(7) // it is there again
		before := *told
		assert.True(t, before > 3, before)
		items.Append(8)
		k.frames(1)
		assert.Equal(t, *told, before)
		again, err := data.GetItem(1)
		assert.NoError(t, err)
		assert.True(t, again == item, "there is one binding for an index")
		assert.ErrorIs(t, second.Set(1), fynews.ErrReadOnly)
	})
}

func TestList_changed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newToolkit(t)
		items := signals.NewList[int](k.graph, 0)
		data := fynews.List(k.scope, items)
		assert.NoError(t, data.Append(1))
		assert.Equal(t, items.Peek(), []int{1})
		for name, err := range map[string]error{
			"Prepend": data.Prepend(2), "Remove": data.Remove(1), "Set": data.Set(nil), "SetValue": data.SetValue(0, 2),
		} {
			assert.ErrorIs(t, err, fynews.ErrReadOnly, name)
		}
		k.scope.Dispose()
		assert.ErrorIs(t, data.Append(2), fynews.ErrUnbound)
		assert.Equal(t, items.Peek(), []int{1})
	})
}

// Goroutines append and read at once, under the driver of package test, which calls listeners where it is.
func TestList_concurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		test.NewTempApp(t)
		g := signals.NewGraph(nil)
		scope := signals.NewScope(g)
		defer scope.Dispose()
		items := signals.NewList[string](g, 100)
		data := fynews.List(scope, items)
		for w := range 4 {
			go func() {
				for i := range 1000 {
					items.Append(fmt.Sprint(w, i))
					item, err := data.GetItem(0)
					if err == nil {
						l := binding.NewDataListener(func() {})
						item.AddListener(l)
						item.RemoveListener(l)
					}
				}
			}()
		}
		synctest.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		got, err := data.Get()
		assert.NoError(t, err)
		assert.Equal(t, got, items.Peek())
	})
}
