//go:build !js

package view

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/cursors/api"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/live"
	"github.com/tandem-ws/tandem/signals"
	"github.com/tandem-ws/tandem/tandemtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// told is what a server hears of a pointer.
func told(t *testing.T) (own *pointer, ws *live.Socket[api.ServerEvent, api.ClientEvent], heard <-chan api.ClientEvent) {
	hub := tandem.NewHub(nil)
	mux := http.NewServeMux()
	ch := make(chan api.ClientEvent, 100)
	mux.Handle(api.Cursors.Handler(func(ctx context.Context, _ api.Person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
		for msg, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			ch <- msg
		}
		return nil
	}, &tandem.ServeOptions{Hub: hub}))
	server := tandemtest.NewServer(t, mux, &tandemtest.Options{Hub: hub})
	g := signals.NewGraph(nil)
	scope := signals.NewScope(g)
	own = newPointer(g)
	ws = connect(scope, &live.Options{Base: tandemtest.URL, Dial: &tandem.DialOptions{Transport: server.Transport()}}, signals.New(g, ""), newCrowd(g), own)
	t.Cleanup(func() {
		scope.Dispose()
		synctest.Wait()
	})
	synctest.Wait()
	return own, ws, ch
}

// all is what has been heard.
func all(heard <-chan api.ClientEvent) (list []api.ClientEvent) {
	synctest.Wait()
	for len(heard) > 0 {
		list = append(list, <-heard)
	}
	return list
}

func TestPointer_send(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, ws, heard := told(t)
		now := time.Hour
		frame := func(after time.Duration) []api.ClientEvent {
			now += after
			own.send(now, ws)
			return all(heard)
		}
		const sixtieth = time.Second / 60
		assert.Equal(t, len(frame(sixtieth)), 0, "who has not moved says nothing")
		own.move(0.1, 0.1, false)
		own.move(0.5, 0.25, false)
		assert.Equal(t, frame(sixtieth), []api.ClientEvent{api.Move{X: 32767, Y: 16383}}, "once in a frame, where it is then")
		assert.Equal(t, len(frame(sixtieth)), 0, "and only if it has moved")
		own.move(-3, 7, false)
		assert.Equal(t, frame(sixtieth), []api.ClientEvent{api.Move{X: 0, Y: 65535}}, "the page ends where it ends")

		own.want(10)
		own.want(20)
		assert.Equal(t, frame(sixtieth), []api.ClientEvent{api.Bots(20)})
	})
}

func TestPointer_rate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, ws, heard := told(t)
		for i := range 240 {
			own.move(float64(i)/240, 0, false)
			own.send(time.Hour+time.Duration(i)*time.Second/240, ws)
			synctest.Wait()
		}
		assert.Equal(t, len(all(heard)), 60, "sixty in a second, whatever the screen")
	})
}

// The next server is told where the pointer is, and that it is to send nothing.
func TestPointer_again(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, ws, heard := told(t)
		own.move(1, 1, false)
		own.send(time.Hour, ws)
		own.paused.Set(true)
		all(heard)
		ws.Restart()
		synctest.Wait()
		own.send(2*time.Hour, ws)
		assert.Equal(t, all(heard), []api.ClientEvent{api.Watch(false), api.Move{X: 65535, Y: 65535}})
	})
}
