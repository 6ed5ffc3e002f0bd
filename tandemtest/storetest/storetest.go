// Package storetest checks that an implementation keeps the promises of [tandem.Store]. Call [Run] from a test of yours:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) tandem.Store { return mystore.New(t.TempDir()) })
//	}
//
// What a Save that has returned survives is for a test of the implementation's own: only it can kill the right thing.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
)

// Options say what else can be checked. A nil *Options means the defaults.
type Options struct {
	// Bubble runs each check in a bubble of testing/synctest, where minutes pass at once. The store must be made of
	// goroutines, channels and timers alone, files included: one that talks to another process cannot be in a bubble.
	// Without it, the checks wait for some Units of real time, and the time limit of Expired is not checked.
	// Default false.
	Bubble bool

	// Unit is the shortest TTL that the store keeps. Default 50 ms.
	Unit time.Duration

	// Reopen closes the store and opens it once more, as another process would. Default: the store does not outlive
	// its process, and that is not checked.
	Reopen func(t *testing.T, s tandem.Store) tandem.Store
}

// Run checks a store, with the defaults. open gives an empty one each time, which shares nothing with the others; it
// has t.Cleanup close it, if it is to be closed. The checks are subtests of t.
func Run(t *testing.T, open func(t *testing.T) tandem.Store) { RunWith(t, open, nil) }

// RunWith is Run with options.
func RunWith(t *testing.T, open func(t *testing.T) tandem.Store, o *Options) {
	t.Helper()
	c := checks{open: open}
	if o != nil {
		c.Options = *o
	}
	if c.Unit == 0 {
		c.Unit = 50 * time.Millisecond
	}
	for _, check := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"empty", c.empty},
		{"round trip", c.roundTrip},
		{"versions", c.versions},
		{"race to create", c.raceToCreate},
		{"race to replace", c.raceToReplace},
		{"counters", c.counters},
		{"isolation of sessions", c.sessions},
		{"isolation of bytes", c.bytes},
		{"big", c.big},
		{"refused", c.refused},
		{"time", c.time},
		{"time starts anew", c.timeStartsAnew},
		{"notice", c.notice},
		{"notice for an old writer", c.noticeOldWriter},
		{"notice once", c.noticeOnce},
		{"notice settled", c.noticeSettled},
		{"notice again", c.noticeAgain},
		{"notice nobody wants", c.noticeNobodyWants},
		{"cancelled", c.cancelled},
		{"epoch", c.epoch},
		{"reopened", c.reopened},
	} {
		t.Run(check.name, func(t *testing.T) {
			if c.Bubble {
				synctest.Test(t, check.run)
			} else {
				check.run(t)
			}
		})
	}
}

type checks struct {
	Options
	open func(*testing.T) tandem.Store
}

const long = time.Hour // far from the end

func ctxOf(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 48*time.Hour)
	t.Cleanup(cancel)
	return ctx
}

func mustSave(t *testing.T, s tandem.Store, sid string, r tandem.Record) uint64 {
	t.Helper()
	if r.TTL == 0 {
		r.TTL = long
	}
	v, err := s.Save(ctxOf(t), sid, &r)
	if err != nil {
		t.Fatalf("save %q: %v", sid, err)
	}
	if v == 0 {
		t.Fatalf("save %q: version 0 is given to nothing", sid)
	}
	return v
}

func mustLoad(t *testing.T, s tandem.Store, sid string) *tandem.Record {
	t.Helper()
	r, err := s.Load(ctxOf(t), sid)
	if err != nil {
		t.Fatalf("load %q: %v", sid, err)
	}
	return r
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: %v, want %v", what, err, want)
	}
}

func (c *checks) wantGone(t *testing.T, s tandem.Store, sid string) {
	t.Helper()
	_, err := s.Load(ctxOf(t), sid)
	wantErr(t, "load "+sid, err, tandem.ErrNoSession)
}

// wait lets time pass. There is nothing else to wait for: that nothing happens is what some checks are about.
func wait(d time.Duration) { <-time.After(d) }

func (c *checks) empty(t *testing.T) {
	s := c.open(t)
	c.wantGone(t, s, "nobody")
	wantErr(t, "delete what is not there", s.Delete(ctxOf(t), "nobody", 1), tandem.ErrConflict)
	wantErr(t, "delete version 0", s.Delete(ctxOf(t), "nobody", 0), tandem.ErrConflict)
	_, err := s.Save(ctxOf(t), "nobody", &tandem.Record{Version: 1, TTL: long})
	wantErr(t, "replace what is not there", err, tandem.ErrConflict)
}

func (c *checks) roundTrip(t *testing.T) {
	s := c.open(t)
	for i, r := range []tandem.Record{
		{TTL: long},
		{Session: []byte("\x00\xff session"), State: []byte{}, Owner: "host/1\n", TTL: long},
		{State: []byte("state"), TTL: long, Notify: true},
	} {
		sid := fmt.Sprint("s", i)
		v := mustSave(t, s, sid, r)
		got := mustLoad(t, s, sid)
		if got.Version != v || !bytes.Equal(got.Session, r.Session) || !bytes.Equal(got.State, r.State) || got.Owner != r.Owner ||
			got.Notify != r.Notify {
			t.Errorf("saved %+v as %d, loaded %+v", r, v, got)
		}
		if got.TTL <= 0 || got.TTL > long+time.Second || got.TTL < long-time.Minute {
			t.Errorf("%v are left of %v", got.TTL, long)
		}
	}
}

func (c *checks) versions(t *testing.T) {
	s := c.open(t)
	seen := map[uint64]bool{}
	next := func(v uint64) uint64 {
		t.Helper()
		v = mustSave(t, s, "s", tandem.Record{Version: v, Session: []byte("x")})
		if seen[v] {
			t.Fatalf("version %d is given again", v)
		}
		seen[v] = true
		return v
	}
	first := next(0)
	second := next(first)
	for _, stale := range []uint64{0, first, second + 1} {
		_, err := s.Save(ctxOf(t), "s", &tandem.Record{Version: stale, Session: []byte("stale"), TTL: long})
		wantErr(t, "replace another version", err, tandem.ErrConflict)
		wantErr(t, "delete another version", s.Delete(ctxOf(t), "s", stale), tandem.ErrConflict)
	}
	if r := mustLoad(t, s, "s"); r.Version != second || string(r.Session) != "x" {
		t.Fatalf("a refused write left %+v", r)
	}
	if err := s.Delete(ctxOf(t), "s", second); err != nil {
		t.Fatal(err)
	}
	c.wantGone(t, s, "s")
	wantErr(t, "delete again", s.Delete(ctxOf(t), "s", second), tandem.ErrConflict)
	_, err := s.Save(ctxOf(t), "s", &tandem.Record{Version: second, TTL: long})
	wantErr(t, "replace what was deleted", err, tandem.ErrConflict)
	next(next(0)) // a version of the deleted one would let an old writer in
}

// race starts n writers at once and counts those that succeed.
func race(t *testing.T, n int, write func(i int) error) (won int) {
	t.Helper()
	var wg sync.WaitGroup
	var winners atomic.Int32
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			switch err := write(i); {
			case err == nil:
				winners.Add(1)
			case !errors.Is(err, tandem.ErrConflict):
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(winners.Load())
}

func (c *checks) raceToCreate(t *testing.T) {
	s, ctx := c.open(t), ctxOf(t)
	for round := range 5 {
		sid := fmt.Sprint("s", round)
		if won := race(t, 8, func(i int) error {
			_, err := s.Save(ctx, sid, &tandem.Record{Owner: strconv.Itoa(i), TTL: long})
			return err
		}); won != 1 {
			t.Fatalf("%d writers have created %s", won, sid)
		}
	}
}

func (c *checks) raceToReplace(t *testing.T) {
	s, ctx := c.open(t), ctxOf(t)
	v := mustSave(t, s, "s", tandem.Record{})
	for range 5 {
		var owner atomic.Value
		if won := race(t, 8, func(i int) error {
			if i == 0 {
				return deleteAndCreate(ctx, s, v, &owner)
			}
			_, err := s.Save(ctx, "s", &tandem.Record{Version: v, Owner: strconv.Itoa(i), TTL: long})
			if err == nil {
				owner.Store(strconv.Itoa(i))
			}
			return err
		}); won != 1 {
			t.Fatalf("%d writers have replaced one version", won)
		}
		r := mustLoad(t, s, "s")
		if r.Owner != owner.Load() {
			t.Fatalf("%v has written, %s is stored", owner.Load(), r.Owner)
		}
		v = r.Version
	}
}

func deleteAndCreate(ctx context.Context, s tandem.Store, v uint64, owner *atomic.Value) error {
	if err := s.Delete(ctx, "s", v); err != nil {
		return err
	}
	owner.Store("again")
	_, err := s.Save(ctx, "s", &tandem.Record{Owner: "again", TTL: long})
	return err
}

// counters has several writers count in one record, each from what it has loaded. No count may get lost.
func (c *checks) counters(t *testing.T) {
	s, ctx := c.open(t), ctxOf(t)
	mustSave(t, s, "s", tandem.Record{})
	race(t, 4, func(int) error {
		for done := 0; done < 10; {
			r, err := s.Load(ctx, "s")
			if err != nil {
				return err
			}
			r.State, r.TTL = append(r.State, 'x'), long
			switch _, err := s.Save(ctx, "s", r); {
			case err == nil:
				done++
			case !errors.Is(err, tandem.ErrConflict):
				return err
			}
		}
		return nil
	})
	if r := mustLoad(t, s, "s"); len(r.State) != 40 {
		t.Fatalf("counted to 40, and %d are stored", len(r.State))
	}
}

// sessions uses names that mean something to some broker, file system or pattern.
func (c *checks) sessions(t *testing.T) {
	s := c.open(t)
	names := []string{
		"a", "A", "a.b", "a/b", "a/../b", ".", "..", "*", ">", "a*", "a?", "[a]", "{a}", "a b", " a", "a:", "a\x00", "a\n", "\xff\xfe",
		"$JS.API", "_INBOX", "ä", "a\u0308", strings.Repeat("a", tandem.MaxSessionID), "%2e", "a%00", "-",
	}
	for _, sid := range names {
		mustSave(t, s, sid, tandem.Record{State: []byte(sid)})
	}
	for _, sid := range names {
		r := mustLoad(t, s, sid)
		if string(r.State) != sid {
			t.Errorf("%q holds what was saved as %q", sid, r.State)
		}
		if err := s.Delete(ctxOf(t), sid, r.Version); err != nil {
			t.Errorf("delete %q: %v", sid, err)
		}
		c.wantGone(t, s, sid)
	}
}

func (c *checks) bytes(t *testing.T) {
	s := c.open(t)
	r := tandem.Record{Session: []byte("session"), State: []byte("state"), TTL: long, Notify: true}
	before := r
	v := mustSave(t, s, "s", r)
	if r.Version != before.Version || string(r.Session) != "session" || string(r.State) != "state" {
		t.Fatalf("Save has changed the record: %+v", r)
	}
	r.Session[0], r.State[0] = '#', '#'
	got := mustLoad(t, s, "s")
	if string(got.Session) != "session" || string(got.State) != "state" {
		t.Fatalf("the record changed with the caller's bytes: %+v", got)
	}
	got.Session[0], got.State[0] = '#', '#'
	got.Session = append(got.Session, "more"...)
	if again := mustLoad(t, s, "s"); string(again.Session) != "session" || string(again.State) != "state" {
		t.Fatalf("the record changed with the bytes that were handed out: %+v", again)
	}
	mustSave(t, s, "s", tandem.Record{Version: v, Session: []byte("other")})
	if string(got.Session) != "#essionmore" || string(got.State) != "#tate" {
		t.Fatalf("what was handed out changed with the next write: %+v", got)
	}
}

func (c *checks) big(t *testing.T) {
	s := c.open(t)
	half := bytes.Repeat([]byte("0123456789abcdef"), tandem.MaxRecord/32)
	v := mustSave(t, s, "s", tandem.Record{Session: half, State: half})
	if r := mustLoad(t, s, "s"); !bytes.Equal(r.Session, half) || !bytes.Equal(r.State, half) {
		t.Fatal("a record of MaxRecord bytes came back different")
	}
	_, err := s.Save(ctxOf(t), "s", &tandem.Record{Version: v, Session: half, State: append(half, 'x'), TTL: long})
	wantErr(t, "a byte more", err, tandem.ErrTooBig)
	mustSave(t, s, "s", tandem.Record{Version: v})
	if r := mustLoad(t, s, "s"); len(r.Session)+len(r.State) != 0 {
		t.Fatal("an empty record does not replace a big one")
	}
}

func (c *checks) refused(t *testing.T) {
	s := c.open(t)
	for name, row := range map[string]struct {
		sid string
		r   tandem.Record
	}{
		"no name":    {"", tandem.Record{TTL: long}},
		"long name":  {strings.Repeat("s", tandem.MaxSessionID+1), tandem.Record{TTL: long}},
		"no time":    {"s", tandem.Record{}},
		"past":       {"s", tandem.Record{TTL: -1}},
		"for ever":   {"s", tandem.Record{TTL: tandem.MaxRecordTTL + 1}},
		"long owner": {"s", tandem.Record{TTL: long, Owner: strings.Repeat("o", tandem.MaxRecordOwner+1)}},
	} {
		if _, err := s.Save(ctxOf(t), row.sid, &row.r); err == nil || errors.Is(err, tandem.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.wantGone(t, s, "s")
	mustSave(t, s, "s", tandem.Record{Owner: strings.Repeat("o", tandem.MaxRecordOwner), TTL: tandem.MaxRecordTTL})
}

func (c *checks) time(t *testing.T) {
	s := c.open(t)
	v := mustSave(t, s, "s", tandem.Record{TTL: c.Unit})
	mustSave(t, s, "other", tandem.Record{})
	wait(2*c.Unit + time.Millisecond)
	c.wantGone(t, s, "s")
	_, err := s.Save(ctxOf(t), "s", &tandem.Record{Version: v, TTL: long})
	wantErr(t, "replace what has expired", err, tandem.ErrConflict)
	wantErr(t, "delete what has expired", s.Delete(ctxOf(t), "s", v), tandem.ErrConflict)
	if again := mustSave(t, s, "s", tandem.Record{}); again == v {
		t.Fatalf("version %d is given again", v)
	}
	mustLoad(t, s, "other")
}

func (c *checks) timeStartsAnew(t *testing.T) {
	s := c.open(t)
	v := mustSave(t, s, "s", tandem.Record{TTL: 2 * c.Unit, Notify: true})
	v = mustSave(t, s, "s", tandem.Record{Version: v, TTL: long, Notify: true})
	wait(4 * c.Unit)
	if r := mustLoad(t, s, "s"); r.Version != v {
		t.Fatalf("version %d became %d", v, r.Version)
	}
	c.quiet(t, s)
}

func (c *checks) cancelled(t *testing.T) {
	s := c.open(t)
	v := mustSave(t, s, "s", tandem.Record{State: []byte("x")})
	mustSave(t, s, "expired", tandem.Record{TTL: c.Unit, Notify: true})
	wait(2*c.Unit + time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Epoch(ctx)
	wantErr(t, "Epoch", err, context.Canceled)
	_, err = s.Load(ctx, "s")
	wantErr(t, "Load", err, context.Canceled)
	_, err = s.Save(ctx, "s", &tandem.Record{Version: v, TTL: long})
	wantErr(t, "Save", err, context.Canceled)
	wantErr(t, "Delete", s.Delete(ctx, "s", v), context.Canceled)
	_, _, err = s.Expired(ctx)
	wantErr(t, "Expired", err, context.Canceled)
	if r := mustLoad(t, s, "s"); r.Version != v || string(r.State) != "x" {
		t.Fatalf("a cancelled write left %+v", r)
	}
	if sid, _, err := s.Expired(ctxOf(t)); sid != "expired" || err != nil {
		t.Fatalf("a cancelled call has swallowed a notice: %q, %v", sid, err)
	}

	ctx, cancel = context.WithCancel(t.Context())
	ends := make(chan error, 1)
	go func() {
		_, _, err := s.Expired(ctx)
		ends <- err
	}()
	wait(c.Unit)
	cancel()
	wantErr(t, "Expired, while it waits", <-ends, context.Canceled)
}

func (c *checks) epoch(t *testing.T) {
	s := c.open(t)
	first, err := s.Epoch(ctxOf(t))
	if err != nil || first == "" || len(first) > 64 {
		t.Fatalf("epoch %q, %v", first, err)
	}
	if again, err := s.Epoch(ctxOf(t)); again != first || err != nil {
		t.Fatalf("epoch %q, then %q, %v", first, again, err)
	}
	if other, err := c.open(t).Epoch(ctxOf(t)); other == first || err != nil {
		t.Fatalf("two empty stores have the epoch %q, %v", first, err)
	}
}

func (c *checks) reopened(t *testing.T) {
	if c.Reopen == nil {
		return
	}
	s := c.open(t)
	epoch, _ := s.Epoch(ctxOf(t))
	v := mustSave(t, s, "s", tandem.Record{Session: []byte("a"), State: []byte("b"), Owner: "c", Notify: true})
	gone := mustSave(t, s, "gone", tandem.Record{})
	if err := s.Delete(ctxOf(t), "gone", gone); err != nil {
		t.Fatal(err)
	}
	mustSave(t, s, "expired", tandem.Record{TTL: c.Unit, Notify: true})
	mustSave(t, s, "silent", tandem.Record{TTL: c.Unit})
	s = c.Reopen(t, s)
	if again, err := s.Epoch(ctxOf(t)); again != epoch || err != nil {
		t.Errorf("epoch %q, after reopening %q, %v", epoch, again, err)
	}
	if r := mustLoad(t, s, "s"); r.Version != v || string(r.Session)+string(r.State)+r.Owner != "abc" || !r.Notify || r.TTL > long+time.Second {
		t.Fatalf("version %d became %+v", v, r)
	}
	c.wantGone(t, s, "gone")
	sid, r, err := s.Expired(ctxOf(t))
	if err != nil || sid != "expired" {
		t.Fatalf("expired while it was closed: %q, %v", sid, err)
	}
	c.wantGone(t, s, "silent")
	if next := mustSave(t, s, "s", tandem.Record{Version: v}); next <= v && next == r.Version {
		t.Fatalf("version %d after %d and %d", next, v, r.Version)
	}
	if again := mustSave(t, s, "gone", tandem.Record{}); again == gone {
		t.Fatalf("version %d of what was deleted is given again", again)
	}
}
