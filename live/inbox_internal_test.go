package live

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem/internal/assert"
)

type textInbox = inbox[string, string]

func putAll(in *textInbox, epoch int, texts ...string) {
	for _, text := range texts {
		in.put(epoch, item[string]{msg: text})
	}
}

// takeAll takes until nothing more comes, and tells why.
func takeAll(t *testing.T, in *textInbox) (got []string, why error) {
	for {
		i, err := in.take(t.Context())
		if err != nil {
			return got, err
		}
		got = append(got, i.msg)
	}
}

// What waits comes before the reason why nothing more does, and so does what is still being read.
func TestInbox_finish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &textInbox{max: 2}
		read := make(chan struct{})
		go func() {
			putAll(in, in.epoch(), "a", "b", "c", "d")
			close(read)
		}()
		synctest.Wait()
		why := errors.New("over")
		in.finish(why, false, read)
		got, err := takeAll(t, in)
		assert.Equal(t, got, []string{"a", "b", "c", "d"})
		assert.ErrorIs(t, err, why)
		_, err = in.take(t.Context()) // it stays so
		assert.ErrorIs(t, err, why)

		in.again()
		putAll(in, in.epoch(), "e")
		i, err := in.take(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, i.msg, "e")
	})
}

// What is dropped is dropped wherever it is, and keeps nobody waiting.
func TestInbox_finish_drop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &textInbox{max: 1}
		old, done := in.epoch(), make(chan struct{})
		go func() {
			putAll(in, old, "a", "b", "c")
			close(done)
		}()
		synctest.Wait()
		why := errors.New("closed")
		in.finish(why, true, nil)
		<-done
		in.again()
		putAll(in, in.epoch(), "d")
		in.finish(why, false, nil)
		got, err := takeAll(t, in)
		assert.Equal(t, got, []string{"d"})
		assert.ErrorIs(t, err, why)
	})
}

// Several receivers get each something else, and all of them hear of the end.
func TestInbox_take_several(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &textInbox{max: 4}
		got, ends := make(chan string, 10), make(chan error, 3)
		for range 3 {
			go func() {
				for {
					i, err := in.take(context.Background())
					if err != nil {
						ends <- err
						return
					}
					got <- i.msg
				}
			}()
		}
		synctest.Wait()
		putAll(in, in.epoch(), "a", "b", "c", "d", "e", "f")
		synctest.Wait()
		assert.Equal(t, len(got), 6)
		why := errors.New("over")
		in.finish(why, false, nil)
		for range 3 {
			assert.ErrorIs(t, <-ends, why)
		}
	})
}

// A context that ends loses nothing.
func TestInbox_take_contextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &textInbox{max: 4}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := in.take(ctx)
		assert.ErrorIs(t, err, context.Canceled)
		putAll(in, in.epoch(), "a")
		i, err := in.take(ctx) // what is there already is given all the same
		assert.NoError(t, err)
		assert.Equal(t, i.msg, "a")
	})
}
