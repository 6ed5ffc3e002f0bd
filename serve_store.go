//go:build !js

package tandem

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-ws/tandem/internal/link"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// How long a store may take, how often the record of a session that lives is written at least, and how long it is kept
// beyond SessionPolicy.Keep: two refreshes may fail.
const (
	storeTime   = 10 * time.Second
	refreshTime = 10 * time.Minute
	staleTime   = 3 * refreshTime
)

// keeper keeps the sessions of an endpoint in a store.
type keeper struct {
	ss    *sessions
	store Store
	owner string      // this process
	down  atomic.Bool // the store failed when it was last asked

	mu    sync.Mutex
	known string // the store's epoch, once it is known
}

// record is what a process knows of the record of a session of its own.
type record struct {
	version uint64
	doubts  [][sha256.Size]byte // of what it has written without learning whether
}

func newKeeper(ss *sessions, store Store) *keeper {
	return &keeper{ss: ss, store: store, owner: token(9)}
}

// asked notes how the store did, and logs when that changes.
func (k *keeper) asked(err error) {
	log := k.ss.server.logger()
	switch failed := err != nil; {
	case failed && !k.down.Swap(true):
		log.Error("tandem: store of sessions failed", "endpoint", k.ss.server.plan.Pattern(), "err", err)
	case !failed && k.down.Swap(false):
		log.Info("tandem: store of sessions works again", "endpoint", k.ss.server.plan.Pattern())
	}
}

func (k *keeper) epoch() (string, error) {
	k.mu.Lock()
	known := k.known
	k.mu.Unlock()
	if known != "" {
		return known, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	epoch, err := k.store.Epoch(ctx)
	if k.asked(err); err != nil {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known = epoch
	return epoch, nil
}

// wrap puts the endpoint in front of a snapshot: a session is resumed by the endpoint it belongs to alone.
func (k *keeper) wrap(snapshot []byte) []byte {
	pattern := k.ss.server.plan.Pattern()
	b := make([]byte, 0, binary.MaxVarintLen32+len(pattern)+len(snapshot))
	b = append(binary.AppendUvarint(b, uint64(len(pattern))), pattern...)
	return append(b, snapshot...)
}

// unwrap takes it off again.
func unwrap(b []byte) (pattern string, snapshot []byte) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil
	}
	return string(b[size : size+int(n)]), b[size+int(n):]
}

// A state is stored behind a byte, because a codec may write nothing for a value, and a store does not tell nothing from
// empty.
const stateMark = 1

func wrapState(state []byte) []byte {
	if state == nil {
		return nil
	}
	return append([]byte{stateMark}, state...)
}

func unwrapState(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b[1:]
}

// save stores a session, see link.Host.Keep.
func (k *keeper) save(s *served, snapshot, state []byte, is link.Standing) error {
	r := &Record{Version: s.record.version, Session: k.wrap(snapshot), State: wrapState(state), Owner: k.owner}
	keep := min(max(k.ss.policy.keep(), time.Millisecond), MaxRecordTTL-staleTime)
	r.Notify = k.ss.server.o.OnExpired != nil
	switch is {
	case link.Running:
		r.TTL = keep + staleTime
	case link.Resting:
		r.TTL, r.Owner = keep, ""
	case link.Over:
		<-s.told // until then the record has the notice come again, should this process die
		r.TTL, r.Owner, r.Notify = keep, "", s.untold
		if !s.leavesState() && !s.untold {
			r.State = nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	version, err := k.store.Save(ctx, s.sid, r)
	if err == nil || !errors.Is(err, ErrConflict) {
		k.asked(err)
	}
	switch {
	case err == nil:
		s.record = record{version: version}
		return nil
	case errors.Is(err, ErrTooBig): // which checkStored should have seen
		return wire.ErrFenced
	case !errors.Is(err, ErrConflict):
		if f, n := fingerprint(r), len(s.record.doubts); n == 0 || s.record.doubts[n-1] != f {
			s.record.doubts = append(s.record.doubts, f)
		}
		return err
	case len(s.record.doubts) == 0:
		return wire.ErrFenced
	}
	return k.resolve(ctx, s)
}

// resolve finds out whether a write whose outcome was not known is the one that is in the way.
func (k *keeper) resolve(ctx context.Context, s *served) error {
	r, err := k.store.Load(ctx, s.sid)
	if errors.Is(err, ErrNoSession) {
		return wire.ErrFenced
	}
	if err != nil {
		return err
	}
	for _, d := range s.record.doubts {
		if d == fingerprint(r) {
			s.record = record{version: r.Version}
			return errAgain
		}
	}
	return wire.ErrFenced
}

var errAgain = errors.New("tandem: it was ours")

func fingerprint(r *Record) [sha256.Size]byte {
	h := sha256.New()
	h.Write(r.Session)
	h.Write([]byte{0})
	h.Write(r.State)
	return [sha256.Size]byte(h.Sum(nil))
}

// leavesState tells whether the state of a session that is over belongs to the one that is opened in its place.
func (s *served) leavesState() bool { return s.link.EndedBy() == session.WhyCrashed }

// leaves is what is left of the session for the one that is opened in its place.
func (s *served) leaves(why string, n *newcomer) (gap *wire.SessionError, state []byte) {
	if why != session.WhyCrashed || s.link.Codec() != n.who.Codec {
		return nil, nil
	}
	return s.link.Unsent(), s.link.State()
}

// restore reads the session that a hello asks for. It gives nil if there is none, or the hello is not its owner's: that
// is told apart by nobody.
func (k *keeper) restore(n *newcomer) (*served, error) {
	sid := n.hello.SID
	epoch, err := k.epoch()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	r, err := k.store.Load(ctx, sid)
	if errors.Is(err, ErrNoSession) {
		k.asked(nil)
		return nil, nil
	}
	if k.asked(err); err != nil {
		return nil, err
	}
	pattern, snapshot := unwrap(r.Session)
	if pattern != k.ss.server.plan.Pattern() {
		return nil, nil
	}
	core, err := session.Restore(k.ss.core(epoch), time.Now(), snapshot)
	if err != nil {
		k.ss.server.logger().Warn("tandem: stored session cannot be read", "endpoint", pattern, "session", sid, "err", err)
		return nil, nil
	}
	if !core.Owns(n.hello, n.who) {
		return nil, nil
	}
	s := newServed(k.ss, sid, n.live)
	s.record.version = r.Version
	s.link = link.Restored(n.live, k.ss.links[n.live.codec.Name()], s, core, unwrapState(r.State))
	k.ss.register(s)
	return s, nil
}

// adopt starts a handler for a session that has come out of the store and has a socket. Before that the store must know
// that it is here: of two processes which try, one goes on.
func (ss *sessions) adopt(s *served, n *newcomer) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	if s.link.Kept(ctx) {
		s.start(n)
		return
	}
	close(s.told)
	s.link.Abandon(wire.ErrClosed) // the client comes back, here or there
	n.live.cancel(ErrClosed)
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.forget(s)
}

// bury tells the store that a session which has come out of it is over, and the application, if what it held goes over to
// no other. It returns false when that could not be stored: then another process may have the session.
func (ss *sessions) bury(s *served) bool {
	if s.link.Unsent() != nil && !s.leavesState() { // else it was over when it was written
		s.untold = !ss.tellExpired(context.Background(), &Session{core: s.link, codec: ss.codecOf(s.link.Codec())})
	}
	close(s.told)
	ss.remember(s)
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	if s.link.Kept(ctx) {
		return true
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.forget(s)
	return false
}

// codecOf gives the codec of a name, or the endpoint's own.
func (ss *sessions) codecOf(name string) Codec {
	for _, c := range ss.server.codecs {
		if c.Name() == name {
			return c
		}
	}
	return ss.server.codec
}
