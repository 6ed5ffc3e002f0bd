//go:build !js

package tandem

import (
	"bytes"
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

	mu        sync.Mutex
	known     string          // the store's epoch, once it is known
	restoring map[string]bool // sids that somebody is just reading
}

// record is what a process knows of the record of a session of its own.
type record struct {
	version uint64
	doubts  [][sha256.Size]byte // of what it has written without learning whether
}

func newKeeper(ss *sessions, store Store) *keeper {
	return &keeper{ss: ss, store: store, owner: token(9), restoring: map[string]bool{}}
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
	defer k.mu.Unlock()
	if k.known != "" {
		return k.known, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	epoch, err := k.store.Epoch(ctx)
	k.asked(err)
	if err == nil {
		k.known = epoch
	}
	return epoch, err
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

// save stores a session, see link.Config.Keep.
func (k *keeper) save(s *served, snapshot, state []byte, is link.Standing) error {
	r := &Record{Version: s.record.version, Session: k.wrap(snapshot), State: state, Owner: k.owner}
	keep := min(max(k.ss.policy.keep(), time.Millisecond), MaxRecordTTL-staleTime)
	r.Notify = k.ss.server.o.OnExpired != nil
	switch is {
	case link.Running:
		r.TTL = keep + staleTime
	case link.Resting:
		r.TTL, r.Owner = keep, ""
	case link.Over:
		<-s.told // until then the record has the notice come again, should this process die
		r.TTL, r.Owner, r.Notify = keep, "", false
		if !s.leavesState() {
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
	case !errors.Is(err, ErrConflict):
		s.record.doubts = append(s.record.doubts, fingerprint(r))
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
func (s *served) leavesState() bool {
	end := s.link.Unsent()
	return end != nil && end.Why == session.WhyCrashed
}

// restore reads the session that a hello asks for. It gives nil if there is none, or the hello is not its owner's: that
// is told apart by nobody. Two at once are one too many.
func (k *keeper) restore(n *newcomer) (*served, error) {
	sid := n.hello.SID
	k.mu.Lock()
	busy := k.restoring[sid]
	k.restoring[sid] = true
	k.mu.Unlock()
	if busy {
		return nil, errAgain
	}
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.restoring, sid)
	}()
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
	s.link = link.Restored(k.ss.links[n.live.codec.Name()], n.live, s, core, bytes.Clone(r.State))
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
	ss.forget(s.sid)
}

// bury tells the store that a session which has come out of it is over, and gives what is left of it for the one in its
// place.
func (ss *sessions) bury(s *served, n *newcomer, why string) (gap *wire.SessionError, state []byte) {
	gap, state = s.link.Unsent(), s.link.State()
	if why == session.WhyExpired {
		ss.tellExpired(&asker{Context: context.WithoutCancel(n.live.Context), live: n.live}, &Session{core: s.link, codec: n.live.codec})
	}
	close(s.told)
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	s.link.Kept(ctx)
	if why != session.WhyCrashed || s.link.Codec() != n.who.Codec {
		state = nil
	}
	return gap, state
}
