package bolt_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	bbolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/store/bolt"
	"github.com/tandem-ws/tandem/tandemtest/storetest"
)

// file is a store that knows where it is.
type file struct {
	*bolt.Store
	path string
}

func open(t *testing.T, path string, o *bolt.Options) file {
	t.Helper()
	s, err := bolt.Open(path, o)
	assert.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return file{s, path}
}

func suite(t *testing.T, o *bolt.Options, bubble bool) {
	t.Helper()
	n := 0
	dir := t.TempDir()
	storetest.RunWith(t, func(t *testing.T) tandem.Store {
		n++
		return open(t, filepath.Join(dir, string(rune('a'+n))), o)
	}, &storetest.Options{Bubble: bubble, Reopen: func(t *testing.T, s tandem.Store) tandem.Store {
		assert.NoError(t, s.(file).Close())
		return open(t, s.(file).path, o)
	}})
}

func TestStore(t *testing.T)          { suite(t, nil, true) }
func TestStore_realTime(t *testing.T) { suite(t, nil, false) }

func TestOptions_NoSync(t *testing.T) {
	suite(t, &bolt.Options{NoSync: true}, true)

	// A file that was closed goes on; a copy of one that was not has another epoch.
	path := filepath.Join(t.TempDir(), "sessions")
	s := open(t, path, &bolt.Options{NoSync: true})
	epoch := epochOf(t, s)
	left := filepath.Join(t.TempDir(), "left")
	b, err := os.ReadFile(path)
	assert.NoError(t, err)
	assert.NoError(t, os.WriteFile(left, b, 0o600))
	assert.NoError(t, s.Close())
	assert.Equal(t, epochOf(t, open(t, path, nil)), epoch)
	for _, o := range []*bolt.Options{nil, {NoSync: true}} {
		assert.NoError(t, os.WriteFile(left, b, 0o600))
		assert.True(t, epochOf(t, open(t, left, o)) != epoch, "records may have gone back")
		left += "2"
	}
}

func TestOptions_NewEpoch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	s := open(t, path, nil)
	epoch := epochOf(t, s)
	assert.NoError(t, s.Close())
	s = open(t, path, &bolt.Options{NewEpoch: true})
	next := epochOf(t, s)
	assert.True(t, next != epoch, "another epoch")
	assert.NoError(t, s.Close())
	assert.Equal(t, epochOf(t, open(t, path, nil)), next, "once")
}

func epochOf(t *testing.T, s tandem.Store) string {
	t.Helper()
	epoch, err := s.Epoch(t.Context())
	assert.NoError(t, err)
	return epoch
}

func TestOptions_LockTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions")
		open(t, path, nil)
		for wait, o := range map[time.Duration]*bolt.Options{5 * time.Second: nil, time.Minute: {LockTimeout: time.Minute}} {
			began := time.Now()
			_, err := bolt.Open(path, o)
			assert.ErrorIs(t, err, bolterrors.ErrTimeout)
			assert.True(t, time.Since(began) >= wait-time.Second && time.Since(began) <= wait+time.Second, time.Since(began))
		}
	})
}

func TestClose(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "sessions"), nil)
	ends := make(chan error, 1)
	go func() {
		_, _, err := s.Expired(context.Background())
		ends <- err
	}()
	assert.NoError(t, s.Close())
	assert.NoError(t, s.Close())
	assert.ErrorIs(t, <-ends, bolt.ErrClosed)
	_, err := s.Load(t.Context(), "s")
	assert.ErrorIs(t, err, bolt.ErrClosed)
	_, err = s.Save(t.Context(), "s", &tandem.Record{TTL: time.Hour})
	assert.ErrorIs(t, err, bolt.ErrClosed)
	assert.ErrorIs(t, s.Delete(t.Context(), "s", 1), bolt.ErrClosed)
	_, _, err = s.Expired(t.Context())
	assert.ErrorIs(t, err, bolt.ErrClosed)
	_, err = s.Epoch(t.Context())
	assert.ErrorIs(t, err, bolt.ErrClosed)
}

// What nobody is told of goes by itself, without anybody using the store.
func TestExpiry_inTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions")
		s := open(t, path, nil)
		for _, sid := range []string{"a", "b", "c"} {
			_, err := s.Save(t.Context(), sid, &tandem.Record{TTL: time.Hour, State: []byte(sid), Notify: sid == "c"})
			assert.NoError(t, err)
		}
		time.Sleep(tandem.NoticeTime + 2*time.Hour)
		synctest.Wait()
		assert.NoError(t, s.Close())
		db, err := bbolt.Open(path, 0o600, nil)
		assert.NoError(t, err)
		defer db.Close()
		assert.NoError(t, db.View(func(tx *bbolt.Tx) error {
			for _, name := range []string{"records", "due", "expired"} {
				k, _ := tx.Bucket([]byte(name)).Cursor().First()
				assert.True(t, k == nil, "%s is empty", name)
			}
			return nil
		}))
	})
}

// A damaged record harms nobody else.
func TestDamage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions")
		s := open(t, path, nil)
		for _, sid := range []string{"bad", "good"} {
			_, err := s.Save(t.Context(), sid, &tandem.Record{TTL: time.Hour, Owner: "somebody", Notify: true})
			assert.NoError(t, err)
		}
		assert.NoError(t, s.Close())
		db, err := bbolt.Open(path, 0o600, nil)
		assert.NoError(t, err)
		assert.NoError(t, db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("records"))
			return b.Put([]byte("bad"), b.Get([]byte("bad"))[:20])
		}))
		assert.NoError(t, db.Close())

		s = open(t, path, nil)
		_, err = s.Load(t.Context(), "bad")
		assert.True(t, err != nil && !errors.Is(err, tandem.ErrNoSession), "it is not nothing")
		_, err = s.Save(t.Context(), "bad", &tandem.Record{TTL: time.Hour})
		assert.True(t, err != nil && !errors.Is(err, tandem.ErrConflict), "nor a conflict")
		sid, _, err := s.Expired(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, sid, "good")
		_, err = s.Load(t.Context(), "bad")
		assert.ErrorIs(t, err, tandem.ErrNoSession, "its time is over too")
	})
}

func TestOpen_anotherFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	assert.NoError(t, open(t, path, nil).Close())
	db, err := bbolt.Open(path, 0o600, nil)
	assert.NoError(t, err)
	assert.NoError(t, db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{9}) }))
	assert.NoError(t, db.Close())
	_, err = bolt.Open(path, nil)
	assert.True(t, err != nil, "a newer one may mean something else")
}

func BenchmarkSave(b *testing.B) {
	s, err := bolt.Open(filepath.Join(b.TempDir(), "sessions"), nil)
	assert.NoError(b, err)
	defer s.Close()
	r := &tandem.Record{Session: make([]byte, 200), State: make([]byte, 200), TTL: time.Hour}
	b.ReportAllocs()
	for b.Loop() {
		r.Version, err = s.Save(b.Context(), "s", r)
		assert.NoError(b, err)
	}
}
