package teaws_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	teaws "github.com/tandem-ws/tandem/adapters/bubbletea"
	"github.com/tandem-ws/tandem/internal/assert"
)

// What waits comes at once, in order; what comes later, later.
func TestSocket_Listen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope, src := newScript(t)
		sock := teaws.New(scope, src, nil)
		src.say("a", "b", "c")
		synctest.Wait()
		s := as[status](t, <-run(sock.Listen()))
		assert.Equal(t, s.Status, "connecting")
		assert.Equal(t, s.Socket, sock.ID())
		b := as[batch](t, <-run(s.Next()))
		assert.Equal(t, b.Msgs, []string{"a", "b", "c"})
		assert.Equal(t, b.Socket, sock.ID())
		assert.NoError(t, b.Err)
		next := run(b.Next())
		synctest.Wait()
		assert.Equal(t, len(next), 0)
		src.say("d")
		assert.Equal(t, as[batch](t, <-next).Msgs, []string{"d"})
	})
}

// A message lets one command wait for what follows, however often and however late it is asked for one.
func TestBatch_Next_onlyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope, src := newScript(t)
		sock := teaws.New(scope, src, nil)
		first := as[status](t, <-run(sock.Listen()))
		waits, duplicate, again := run(first.Next()), run(first.Next()), run(sock.Listen())
		synctest.Wait()
		if len(duplicate) == 1 { // either of them may be first
			waits, duplicate = duplicate, waits
		}
		assert.Equal(t, <-waits, nil)
		assert.Equal(t, <-again, nil)
		assert.Equal(t, len(duplicate), 0)
		src.say("a")
		b := as[batch](t, <-duplicate)

		// Nobody has looked at the batch yet, and the next message is there: whoever waited for it now could be faster.
		src.say("b")
		synctest.Wait()
		assert.Equal(t, <-run(first.Next()), nil)
		assert.Equal(t, <-run(sock.Listen()), nil)
		assert.Equal(t, as[batch](t, <-run(b.Next())).Msgs, []string{"b"})
		assert.Equal(t, <-run(b.Next()), nil)
	})
}

// The status comes before messages that wait, the last one alone.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope, src := newScript(t)
		next := listen(t, teaws.New(scope, src, nil))
		src.say("a")
		src.status.Set("open")
		src.status.Set("closed")
		src.status.Set("open again")
		synctest.Wait()
		s := as[status](t, <-run(next))
		assert.Equal(t, s.Status, "open again")
		b := as[batch](t, <-run(s.Next()))
		assert.Equal(t, b.Msgs, []string{"a"})
		waits := run(b.Next())
		synctest.Wait()
		src.status.Set("closed")
		assert.Equal(t, as[status](t, <-waits).Status, "closed")
	})
}

// Between two batches there is a frame; a status does not wait for that.
func TestOptions_Frame(t *testing.T) {
	for frame, want := range map[time.Duration]time.Duration{0: time.Second / 60, time.Second: time.Second, -1: 0} {
		synctest.Test(t, func(t *testing.T) {
			scope, src := newScript(t)
			next := listen(t, teaws.New(scope, src, &teaws.Options{Frame: frame}))
			src.say("a")
			began := time.Now()
			b := as[batch](t, <-run(next))
			assert.Equal(t, time.Since(began), 0)
			waits := run(b.Next())
			src.say("b")
			synctest.Wait()
			if want > 0 {
				src.say("c")
				src.status.Set("open")
				waits = run(as[status](t, <-waits).Next())
				assert.Equal(t, time.Since(began), 0)
			}
			b = as[batch](t, <-waits)
			assert.Equal(t, time.Since(began), want)
			assert.Equal(t, len(b.Msgs) == 2, want > 0)
		})
	}
}

// Of what waits a batch has 256, and the socket takes no more than that in advance.
func TestOptions_Max(t *testing.T) {
	for given, want := range map[int]int{0: 256, 10: 10} {
		synctest.Test(t, func(t *testing.T) {
			scope, src := newScript(t)
			next := listen(t, teaws.New(scope, src, &teaws.Options{Max: given}))
			for i := range 1000 {
				src.say(strconv.Itoa(i))
			}
			synctest.Wait()
			assert.Equal(t, src.recvs.Load(), int64(want+1)) // one is in its hand
			for i := 0; i < 1000; {
				b := as[batch](t, <-run(next))
				assert.Equal(t, len(b.Msgs), min(want, 1000-i))
				for _, msg := range b.Msgs {
					assert.Equal(t, msg, strconv.Itoa(i))
					i++
				}
				next = b.Next()
				synctest.Wait()
			}
		})
	}
}

// A batch ends where a conversation does, and says why.
func TestBatch_Err(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope, src := newScript(t)
		next := listen(t, teaws.New(scope, src, nil))
		first, second := errors.New("generation 2"), errors.New("generation 3")
		src.say("a", "b")
		src.fail(first)
		src.say("c")
		src.fail(second)
		src.fail(io.ErrUnexpectedEOF)
		src.say("d")
		var got []string
		for len(got) < 4 {
			synctest.Wait()
			b := as[batch](t, <-run(next))
			got = append(got, fmt.Sprint(b.Msgs, b.Err))
			next = b.Next()
		}
		assert.Equal(t, got, []string{"[a b] generation 2", "[c] generation 3", "[] unexpected EOF", "[d] <nil>"})
	})
}

// moody is an error without an identity.
type moody struct{ what []string }

func (m moody) Error() string { return m.what[0] }

// A final error comes once, also one that cannot be compared. It is not asked for again until the status changes, and messages come again after that.
func TestBatch_Err_final(t *testing.T) {
	for _, why := range []error{io.EOF, &moody{[]string{"pointer"}}, moody{[]string{"value"}}} {
		synctest.Test(t, func(t *testing.T) {
			scope, src := newScript(t)
			next := listen(t, teaws.New(scope, src, nil))
			src.say("a")
			src.end(why)
			synctest.Wait()
			b := as[batch](t, <-run(next))
			assert.Equal(t, b.Msgs, []string{"a"})
			assert.Equal(t, fmt.Sprint(b.Err), fmt.Sprint(why))

			waits := run(b.Next())
			time.Sleep(time.Hour)
			assert.Equal(t, len(waits), 0)
			assert.True(t, src.recvs.Load() <= 4, src.recvs.Load())

			src.status.Set("closed") // it is still as it was
			waits = run(as[status](t, <-waits).Next())
			time.Sleep(time.Hour)
			assert.Equal(t, len(waits), 0)
			assert.True(t, src.recvs.Load() <= 6, src.recvs.Load())

			src.end(nil)
			src.status.Set("open")
			waits = run(as[status](t, <-waits).Next())
			src.say("b")
			assert.Equal(t, as[batch](t, <-waits).Msgs, []string{"b"})
		})
	}
}

// forgetful makes a new error each time, as a *tandem.Conn does.
type forgetful struct{ *script }

func (f forgetful) Recv(ctx context.Context) (string, error) {
	msg, err := f.script.Recv(ctx)
	if err != nil {
		err = fmt.Errorf("again: %w", err)
	}
	return msg, err
}

// So does one that is made anew each time, which is another one when the status has changed.
func TestBatch_Err_finalAndNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope, src := newScript(t)
		next := listen(t, teaws.New(scope, forgetful{src}, nil))
		src.end(io.EOF)
		for _, then := range []string{"closed", "connecting", "closed"} {
			b := as[batch](t, <-run(next))
			assert.ErrorIs(t, b.Err, io.EOF)
			waits := run(b.Next())
			time.Sleep(time.Hour)
			assert.Equal(t, len(waits), 0)
			src.status.Set(then)
			next = as[status](t, <-waits).Next()
		}
		assert.True(t, src.recvs.Load() < 15, src.recvs.Load())
	})
}

// Messages are posted in the order of the calls, whatever becomes of the commands.
func TestSocket_Send(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope, src := newScript(t)
		sock := teaws.New(scope, src, nil)
		one, first := sock.Send("one")
		_, _ = sock.Send("two")
		three, third := sock.Send("three")
		assert.Equal(t, []uint64{one, three}, []uint64{1, 3})
		failed, sent := run(third), run(first)
		synctest.Wait()
		assert.Equal(t, len(failed)+len(sent), 0)
		var posted []string
		for _, p := range src.posts {
			posted = append(posted, p.msg)
		}
		assert.Equal(t, posted, []string{"one", "two", "three"})
		src.posts[2].done <- io.ErrShortWrite
		assert.Equal(t, <-failed, tea.Msg(teaws.Sent{Socket: sock.ID(), ID: three, Err: io.ErrShortWrite}))
		src.posts[0].done <- nil
		assert.Equal(t, <-sent, tea.Msg(teaws.Sent{Socket: sock.ID(), ID: one}))
	})
}

// Commands end with the scope, whatever they wait for, and nothing comes any more.
func TestNew_disposed(t *testing.T) {
	for name, prepare := range map[string]func(src *script){
		"for anything": func(*script) {},
		"for a frame":  func(src *script) { src.say("b") },
		"for room": func(src *script) {
			src.say(slices.Repeat([]string{"b"}, 300)...)
		},
		"for another status": func(src *script) { src.end(io.EOF) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				scope, src := newScript(t)
				next := listen(t, teaws.New(scope, src, &teaws.Options{Frame: time.Hour}))
				src.say("a")
				b := as[batch](t, <-run(next))
				waits := run(b.Next())
				prepare(src)
				synctest.Wait()
				scope.Dispose()
				assert.Equal(t, <-waits, nil)
				src.say("late")
				synctest.Wait()
				assert.Equal(t, <-run(b.Next()), nil)
			})
		})
	}
}

// What waited when the scope was disposed does not come; nor does anything in a scope that was disposed before.
func TestNew_disposedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope, src := newScript(t)
		next := listen(t, teaws.New(scope, src, nil))
		src.say("a")
		synctest.Wait()
		scope.Dispose()
		assert.Equal(t, <-run(next), nil)
		assert.Equal(t, <-run(teaws.New(scope, src, nil).Listen()), nil)
	})
}
