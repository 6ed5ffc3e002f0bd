package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
)

// quiet checks that nothing is to be told, for some units.
func (c *checks) quiet(t *testing.T, s tandem.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*c.Unit)
	defer cancel()
	sid, _, err := s.Expired(ctx)
	if err == nil {
		t.Fatalf("%q expired", sid)
	}
	wantErr(t, "Expired", err, context.DeadlineExceeded)
}

func (c *checks) notice(t *testing.T) {
	s := c.open(t)
	type notice struct {
		sid string
		r   *tandem.Record
		err error
	}
	got := make(chan notice, 1)
	ctx := ctxOf(t)
	go func() { // it waits before there is anything to wait for
		sid, r, err := s.Expired(ctx)
		got <- notice{sid, r, err}
	}()
	wait(c.Unit)
	began := time.Now()
	mustSave(t, s, "later", tandem.Record{Notify: true})
	mustSave(t, s, "silent", tandem.Record{TTL: c.Unit})
	v := mustSave(t, s, "s", tandem.Record{Session: []byte("a"), State: []byte("b"), Owner: "c", TTL: c.Unit, Notify: true})
	n := <-got
	if n.err != nil || n.sid != "s" || string(n.r.Session)+string(n.r.State)+n.r.Owner != "abc" {
		t.Fatalf("told of %q, %+v, %v", n.sid, n.r, n.err)
	}
	if passed := time.Since(began); passed < c.Unit-time.Millisecond || passed > c.Unit+30*time.Second {
		t.Errorf("told after %v instead of %v", passed, c.Unit)
	}
	c.wantGone(t, s, "s")
	_, err := s.Save(ctx, "s", &tandem.Record{TTL: long})
	wantErr(t, "a new one before the old one's end is told", err, tandem.ErrConflict)
	if v != n.r.Version {
		wantErr(t, "delete by the one who had it", s.Delete(ctx, "s", v), tandem.ErrConflict)
	}
	c.quiet(t, s)
	if err := s.Delete(ctx, "s", n.r.Version); err != nil {
		t.Fatalf("delete by the one who tells: %v", err)
	}
	mustLoad(t, s, "later")
}

// noticeOldWriter has the process that had the session write too late. It must not take the notice away.
func (c *checks) noticeOldWriter(t *testing.T) {
	s := c.open(t)
	v := mustSave(t, s, "s", tandem.Record{TTL: c.Unit, Notify: true})
	wait(2*c.Unit + time.Millisecond)
	_, err := s.Save(ctxOf(t), "s", &tandem.Record{Version: v, TTL: long})
	wantErr(t, "replace what has expired", err, tandem.ErrConflict)
	wantErr(t, "delete what has expired", s.Delete(ctxOf(t), "s", v), tandem.ErrConflict)
	if sid, _, err := s.Expired(ctxOf(t)); sid != "s" || err != nil {
		t.Fatalf("told of %q, %v", sid, err)
	}
}

// noticeOnce has several processes wait for many notices.
func (c *checks) noticeOnce(t *testing.T) {
	s := c.open(t)
	const n = 40
	for i := range n {
		mustSave(t, s, fmt.Sprint("s", i), tandem.Record{TTL: c.Unit + time.Duration(i%3)*c.Unit/2, Notify: true})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var mu sync.Mutex
	seen := map[string]int{}
	race(t, 4, func(int) error {
		for {
			sid, r, err := s.Expired(ctx)
			if err != nil {
				return nil //nolint:nilerr // the end
			}
			mu.Lock()
			if seen[sid]++; len(seen) == n {
				go func() { wait(2 * c.Unit); cancel() }() // for what comes twice
			}
			mu.Unlock()
			if err := s.Delete(ctx, sid, r.Version); err != nil {
				t.Errorf("delete %s: %v", sid, err)
			}
		}
	})
	for i := range n {
		if times := seen[fmt.Sprint("s", i)]; times != 1 {
			t.Errorf("s%d was told %d times", i, times)
		}
	}
}

// noticeSettled leaves something in the place of a record whose end was told.
func (c *checks) noticeSettled(t *testing.T) {
	s := c.open(t)
	mustSave(t, s, "s", tandem.Record{TTL: c.Unit, Notify: true})
	_, r, err := s.Expired(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	v := mustSave(t, s, "s", tandem.Record{Version: r.Version, State: []byte("over")})
	if got := mustLoad(t, s, "s"); got.Version != v || string(got.State) != "over" {
		t.Fatalf("loaded %+v", got)
	}
	if c.Bubble {
		wait(2 * tandem.ClaimTime)
	}
	c.quiet(t, s)
	mustLoad(t, s, "s")
}

// noticeAgain is for the process that dies while it tells.
func (c *checks) noticeAgain(t *testing.T) {
	if !c.Bubble {
		return
	}
	s, began := c.open(t), time.Now()
	mustSave(t, s, "s", tandem.Record{TTL: c.Unit, Notify: true, State: []byte("x")})
	_, first, err := s.Expired(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	sid, second, err := s.Expired(ctxOf(t))
	if err != nil || sid != "s" || string(second.State) != "x" || second.Version == first.Version {
		t.Fatalf("again: %q, %+v, %v, after version %d", sid, second, err, first.Version)
	}
	if passed := time.Since(began); passed < tandem.ClaimTime || passed > tandem.ClaimTime+time.Minute {
		t.Errorf("told again after %v", passed)
	}
	wantErr(t, "delete by the one who was too slow", s.Delete(ctxOf(t), "s", first.Version), tandem.ErrConflict)
	if err := s.Delete(ctxOf(t), "s", second.Version); err != nil {
		t.Fatal(err)
	}
}

func (c *checks) noticeNobodyWants(t *testing.T) {
	if !c.Bubble {
		return
	}
	s := c.open(t)
	mustSave(t, s, "s", tandem.Record{TTL: c.Unit, Notify: true})
	wait(time.Minute)
	c.wantGone(t, s, "s")
	wait(tandem.NoticeTime + time.Hour)
	c.quiet(t, s)
	mustSave(t, s, "s", tandem.Record{}) // the name is free
}
