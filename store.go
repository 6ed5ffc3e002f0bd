package tandem

import (
	"context"
	"errors"
	"time"

	"github.com/tandem-ws/tandem/internal/say"
)

var (
	// ErrNoSession is returned by [Store].Load when there is no record of that session, or no longer.
	ErrNoSession = errors.New("tandem: no such session")

	// ErrConflict is returned by the methods of a [Store] that write when what is stored is not what the caller has
	// seen: somebody else has written or deleted it, or its time has run out. Nothing was changed.
	ErrConflict = errors.New("tandem: session was changed by somebody else")
)

// Bounds of what a [Store] takes. Record.Check tells whether they are kept.
const (
	MaxRecord      = 8 << 20             // bytes of Session and State together
	MaxRecordOwner = 128                 // bytes of Owner
	MaxRecordTTL   = 90 * 24 * time.Hour // a session that nobody comes back to is to end some day
	MaxSessionID   = 64                  // bytes of a session's name
)

// How a [Store] treats the records whose end is to be told.
const (
	// ClaimTime is how long whoever got a record from Expired has for it. Then somebody else gets it.
	ClaimTime = time.Minute
	// NoticeTime is how long a store keeps a record for Expired when nobody calls it.
	NoticeTime = 24 * time.Hour
)

// Record is what a [Store] keeps of one session.
type Record struct {
	// Version names what is stored: a number that the store gives with each write and never again for the same
	// session. 0 is given to nothing; a record that is saved with it is a new one.
	Version uint64

	// Session is tandem's part: counters, hashes of keys, messages that nobody has acknowledged. It holds what users
	// have written, and is as secret as that.
	Session []byte

	// State is the application's part, as one with Session.
	State []byte

	// Owner is the process that runs the session, in words of the processes' own; "" when it is at rest. A store does
	// not look at it.
	Owner string

	// TTL is how long the record is kept from the write on; in a record that was loaded, what is left of it. It
	// outlasts the process that wrote it. A store may round it up to a whole second.
	TTL time.Duration

	// Notify asks for the record to be handed out by Expired when its time has run out. Else it goes in silence.
	Notify bool
}

// Check tells whether a store has to take the record under that name: the name has 1 to MaxSessionID bytes, the time is
// above 0, and everything is within the bounds. A record that is too large is an error that is [ErrTooBig].
func (r *Record) Check(sid string) error {
	size := len(r.Session) + len(r.State)
	switch {
	case sid == "" || len(sid) > MaxSessionID:
		return say.Errorf("tandem: session name of %d bytes", len(sid))
	case size > MaxRecord:
		return say.Errorf("%w: record of %d bytes, at most %d", ErrTooBig, size, MaxRecord)
	case len(r.Owner) > MaxRecordOwner:
		return say.Errorf("%w: owner of %d bytes, at most %d", ErrTooBig, len(r.Owner), MaxRecordOwner)
	case r.TTL <= 0 || r.TTL > MaxRecordTTL:
		return say.Errorf("tandem: a record cannot be kept for %v", r.TTL)
	}
	return nil
}

// Store keeps sessions outside of the connections they belong to, so that a server can be restarted without its clients
// losing anything, and so that another server can tell the end of a session whose server has died. [MemoryStore] lives
// as long as the process; store/bolt keeps a file; package tandemtest/storetest checks that an implementation does what
// stands here. Its documentation has to say what a Save that has returned survives.
//
// Each write compares and swaps: it names the version it wants to replace, and of several writers of one version exactly
// one succeeds; what it wrote is what every later Load gives. This holds over all processes that share the store. All
// methods may be called at once from any goroutine. Records of different sessions have nothing to do with each other:
// there are no transactions over two.
//
// Bytes that are handed in are not kept, and not changed; what is handed out belongs to the caller. The name of a session
// can be any bytes, so a store encodes it where bytes have a meaning.
//
// All methods return the context's error when it ends. For methods that write this, and any error but ErrConflict and
// one of Record.Check, says nothing about whether the write has happened: Load tells.
type Store interface {
	// Epoch names the incarnation of what is stored, in 1 to 64 bytes: another one after records have been lost or
	// have come back from a backup, and the same in all processes otherwise. Sessions of another epoch are not
	// resumed, because a record that comes back is a lie: the client knows more.
	Epoch(ctx context.Context) (string, error)

	// Load gives what is stored. The error is ErrNoSession if that is nothing, or its time has run out.
	Load(ctx context.Context, sid string) (*Record, error)

	// Save stores r in place of the version it names, 0 for none, and gives the new version. r itself is not changed.
	Save(ctx context.Context, sid string, r *Record) (version uint64, err error)

	// Delete removes that version of a record. No notice is given.
	Delete(ctx context.Context, sid string, version uint64) error

	// Expired waits for a record with Notify whose time has run out, and hands it to one caller, whichever process
	// had the session. For all others it is gone, for Load as well, and a Save with version 0 is a conflict. The
	// caller has ClaimTime to tell who is to be told, and to Delete the record, or Save another in its place, with
	// the version it was given; if it does neither, as when its process dies, the record is handed out again, under
	// another version. A store without callers of Expired keeps such records for NoticeTime.
	Expired(ctx context.Context) (sid string, r *Record, err error)
}
