// Package bolt is a [tandem.Store] in a file beside the server, with bbolt: for one server that is to be restarted
// without its clients losing anything. One process at a time can have the file open.
//
// # What a Save survives
//
// When Save or Delete has returned without an error, the change is in the file and the file is on the disk (fsync): it
// survives the process, killed or not, and the machine, as far as the disk keeps its word. Changes that come while one
// is being written share the next write, so many sessions cost little more than one. A change whose caller was not told
// is there as a whole or not at all. [Options].NoSync trades this for speed.
//
// Expired hands out a record in the same way: what was handed out, and when, is on the disk first.
//
// A file that a backup has brought back must be opened with [Options].NewEpoch, once: its records are older than what
// clients know.
//
// The file grows to what was needed at a time and is reused, but never given back. Its times are those of the wall
// clock, and go on while it is closed. It holds what users have written; it is created for its owner's eyes only.
package bolt

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tandem-ws/tandem"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrClosed is returned by all methods after Close.
var ErrClosed = errors.New("bolt: store is closed")

// Options are the ways of a store. A nil *Options means the defaults.
type Options struct {
	// NoSync leaves it to the operating system when to write to the disk. What was saved then survives the process, but
	// not the machine, and a machine that fails can damage the file, so that Open returns an error and it is to be
	// removed. Because records may go back in this way, a file that was not closed by Close has another epoch when it
	// is opened again: sessions survive an orderly restart, and the end of the others is told. Default false.
	NoSync bool

	// NewEpoch gives the file another epoch, so that no session in it is resumed: for one that comes from a backup.
	// Default false.
	NewEpoch bool

	// LockTimeout is how long Open waits for another process to close the file. Default 5 s.
	LockTimeout time.Duration
}

// Store is a file with sessions. Make one with Open. Its methods may be called from any goroutine.
type Store struct {
	db      *bolt.DB
	o       Options
	changes chan *change
	closing chan struct{}
	closed  chan struct{} // the writer has ended
	once    sync.Once
	err     error // of closing

	mu     sync.Mutex
	notice chan struct{} // closed when a record waits to be handed out
}

// Names of what is in the file.
var (
	bucketMeta    = []byte("meta")
	bucketRecords = []byte("records") // name of the session to entry
	bucketDue     = []byte("due")     // time, name: when an entry changes by itself
	bucketExpired = []byte("expired") // time, name: entries to be handed out
	keyFormat     = []byte("format")
	keyEpoch      = []byte("epoch")
	keyUnsynced   = []byte("unsynced") // the file is open with NoSync, or was not closed after that
)

// format is the version of the file's format. Open refuses others.
const format = 1

// Open opens the file, and creates it if it is not there. Close it in the end.
func Open(path string, o *Options) (*Store, error) {
	s := &Store{
		changes: make(chan *change),
		closing: make(chan struct{}),
		closed:  make(chan struct{}),
		notice:  make(chan struct{}),
	}
	if o != nil {
		s.o = *o
	}
	if s.o.LockTimeout == 0 {
		s.o.LockTimeout = 5 * time.Second
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: s.o.LockTimeout})
	if err != nil {
		return nil, fmt.Errorf("bolt: open %s: %w", path, err)
	}
	s.db = db
	if err := db.Update(s.prepare); err != nil {
		return nil, errors.Join(fmt.Errorf("bolt: open %s: %w", path, err), db.Close())
	}
	db.NoSync = s.o.NoSync
	go s.write()
	return s, nil
}

// prepare makes the file what it has to be.
func (s *Store) prepare(tx *bolt.Tx) error {
	meta, err := tx.CreateBucketIfNotExists(bucketMeta)
	if err != nil {
		return err
	}
	if is := meta.Get(keyFormat); is != nil && (len(is) != 1 || is[0] != format) {
		return fmt.Errorf("the format is %v, not %d: another version of tandem has written it", is, format)
	}
	for _, name := range [][]byte{bucketRecords, bucketDue, bucketExpired} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	err = meta.Put(keyFormat, []byte{format})
	if meta.Get(keyEpoch) == nil || s.o.NewEpoch || meta.Get(keyUnsynced) != nil {
		err = errors.Join(err, meta.Put(keyEpoch, []byte(rand.Text())))
	}
	if s.o.NoSync {
		return errors.Join(err, meta.Put(keyUnsynced, []byte{1}))
	}
	return errors.Join(err, meta.Delete(keyUnsynced))
}

// Close ends what goes on in the background, writes what is to be written, and closes the file. Calls that wait return
// ErrClosed. It may be called more than once.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closing)
		<-s.closed
		if s.o.NoSync {
			s.err = s.settle()
		}
		s.err = errors.Join(s.err, s.db.Close())
	})
	return s.err
}

// settle brings a file that was not synchronised to the disk, and only then says so in it.
func (s *Store) settle() error {
	if err := s.db.Sync(); err != nil {
		return err
	}
	s.db.NoSync = false
	return s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Delete(keyUnsynced) })
}

// Epoch is kept in the file.
func (s *Store) Epoch(ctx context.Context) (epoch string, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		epoch = string(tx.Bucket(bucketMeta).Get(keyEpoch))
		return nil
	})
	return epoch, err
}

// Load is that of [tandem.Store].
func (s *Store) Load(ctx context.Context, sid string) (r *tandem.Record, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		now := time.Now()
		e, err := get(tx, sid)
		if err != nil {
			return err
		}
		if e == nil || e.phase != phaseLive || e.due(now) {
			return tandem.ErrNoSession
		}
		r = e.record(now)
		return nil
	})
	return r, err
}

func (s *Store) view(ctx context.Context, read func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.db.View(read)
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// Save is that of [tandem.Store].
func (s *Store) Save(ctx context.Context, sid string, r *tandem.Record) (version uint64, err error) {
	if err := r.Check(sid); err != nil {
		return 0, err
	}
	e := entryOf(r)
	var given uint64 // not the result: the change may be written after a cancelled call has returned
	c := &change{do: func(tx *bolt.Tx, now time.Time) error {
		old, err := get(tx, sid)
		if err != nil {
			return err
		}
		if !old.is(e.version, now) {
			return tandem.ErrConflict
		}
		if old != nil {
			if err := old.unlist(tx, sid); err != nil {
				return err
			}
		}
		next := *e
		if next.version, err = tx.Bucket(bucketRecords).NextSequence(); err != nil {
			return err
		}
		next.at = now.Add(e.ttl).UnixNano()
		given = next.version
		return next.put(tx, sid)
	}}
	if err := s.submit(ctx, c); err != nil {
		return 0, err
	}
	return given, nil
}

// Delete is that of [tandem.Store].
func (s *Store) Delete(ctx context.Context, sid string, version uint64) error {
	return s.submit(ctx, &change{do: func(tx *bolt.Tx, now time.Time) error {
		e, err := get(tx, sid)
		if err != nil {
			return err
		}
		if e == nil || !e.is(version, now) {
			return tandem.ErrConflict
		}
		return e.remove(tx, sid)
	}})
}

// Expired is that of [tandem.Store].
func (s *Store) Expired(ctx context.Context) (sid string, r *tandem.Record, err error) {
	for {
		s.mu.Lock()
		notice := s.notice
		s.mu.Unlock()
		waits := false
		err := s.view(ctx, func(tx *bolt.Tx) error {
			k, _ := tx.Bucket(bucketExpired).Cursor().First()
			waits = k != nil
			return nil
		})
		if err != nil {
			return "", nil, err
		}
		if waits {
			if sid, r, err = s.claim(ctx); err != nil || r != nil {
				return sid, r, err
			}
			continue
		}
		select {
		case <-notice:
		case <-ctx.Done():
			return "", nil, ctx.Err()
		case <-s.closing:
			return "", nil, ErrClosed
		}
	}
}

// claim hands out the record that has waited longest; r is nil if another caller was faster.
func (s *Store) claim(ctx context.Context) (sid string, r *tandem.Record, err error) {
	var taken string // as in Save
	var given *tandem.Record
	err = s.submit(ctx, &change{do: func(tx *bolt.Tx, now time.Time) error {
		k, _ := tx.Bucket(bucketExpired).Cursor().First()
		if k == nil {
			return nil
		}
		taken = string(k[8:])
		e, err := get(tx, taken)
		if err != nil || e == nil {
			return errors.Join(err, tx.Bucket(bucketExpired).Delete(k))
		}
		if err := e.unlist(tx, taken); err != nil {
			return err
		}
		if e.version, err = tx.Bucket(bucketRecords).NextSequence(); err != nil {
			return err
		}
		e.phase, e.at = phaseClaimed, now.Add(tandem.ClaimTime).UnixNano()
		given = e.record(now)
		given.TTL = 0
		return e.put(tx, taken)
	}})
	if err != nil {
		return "", nil, err
	}
	return taken, given, nil
}

// timeKey orders by time, then by name.
func timeKey(at int64, sid string) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(max(at, 0))), sid...)
}
