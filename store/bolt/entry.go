package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"github.com/tandem-ws/tandem"
	bolt "go.etcd.io/bbolt"
)

// phase is what an entry waits for.
type phase byte

const (
	phaseLive    phase = iota // its time to run out
	phaseExpired              // somebody who tells
	phaseClaimed              // the one who tells
)

// entry is a record as it lies in the file: version, time (8 bytes each), phase, flags, length of the owner (1 byte
// each), owner, length of the session (4 bytes), session, state.
type entry struct {
	version uint64
	at      int64 // when the phase ends, in nanoseconds since 1970
	phase   phase
	notify  bool
	owner   string
	session []byte
	state   []byte

	ttl time.Duration // of one that is to be saved
}

const entryHeader = 8 + 8 + 3

var errDamaged = errors.New("bolt: damaged record")

// entryOf copies what is to be saved. The version is the one to be replaced.
func entryOf(r *tandem.Record) *entry {
	return &entry{
		version: r.Version, notify: r.Notify, owner: r.Owner, ttl: r.TTL,
		session: bytes.Clone(r.Session), state: bytes.Clone(r.State),
	}
}

// get reads an entry; nil is none. Its bytes are valid during the transaction.
func get(tx *bolt.Tx, sid string) (*entry, error) {
	b := tx.Bucket(bucketRecords).Get([]byte(sid))
	if b == nil {
		return nil, nil
	}
	if len(b) < entryHeader {
		return nil, errDamaged
	}
	e := &entry{
		version: binary.BigEndian.Uint64(b), at: int64(binary.BigEndian.Uint64(b[8:])), phase: phase(b[16]), notify: b[17] != 0,
	}
	owner, b := int(b[18]), b[entryHeader:]
	if len(b) < owner+4 {
		return nil, errDamaged
	}
	e.owner, b = string(b[:owner]), b[owner:]
	n := uint64(binary.BigEndian.Uint32(b))
	if b = b[4:]; uint64(len(b)) < n {
		return nil, errDamaged
	}
	e.session, e.state = b[:n], b[n:]
	return e, nil
}

// put writes the entry and lists when it changes.
func (e *entry) put(tx *bolt.Tx, sid string) error {
	b := make([]byte, 0, entryHeader+len(e.owner)+4+len(e.session)+len(e.state))
	b = binary.BigEndian.AppendUint64(b, e.version)
	b = binary.BigEndian.AppendUint64(b, uint64(e.at))
	notify := byte(0)
	if e.notify {
		notify = 1
	}
	b = append(b, byte(e.phase), notify, byte(len(e.owner)))
	b = append(b, e.owner...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.session)))
	b = append(append(b, e.session...), e.state...)
	if err := tx.Bucket(bucketRecords).Put([]byte(sid), b); err != nil {
		return err
	}
	if e.phase == phaseExpired {
		if err := tx.Bucket(bucketExpired).Put(timeKey(e.at, sid), nil); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketDue).Put(timeKey(e.at, sid), nil)
}

// unlist takes the entry off the lists, before it changes.
func (e *entry) unlist(tx *bolt.Tx, sid string) error {
	key := timeKey(e.at, sid)
	return errors.Join(tx.Bucket(bucketDue).Delete(key), tx.Bucket(bucketExpired).Delete(key))
}

func (e *entry) remove(tx *bolt.Tx, sid string) error {
	return errors.Join(e.unlist(tx, sid), tx.Bucket(bucketRecords).Delete([]byte(sid)))
}

// due tells whether the phase is over, and nobody may have noticed.
func (e *entry) due(now time.Time) bool { return now.UnixNano() >= e.at }

// is tells whether somebody who has seen that version, 0 for none, may write. e is nil for none.
func (e *entry) is(version uint64, now time.Time) bool {
	if e == nil {
		return version == 0
	}
	return e.version == version && e.phase != phaseExpired && !e.due(now)
}

// record is a copy for the caller.
func (e *entry) record(now time.Time) *tandem.Record {
	return &tandem.Record{
		Version: e.version, Session: bytes.Clone(e.session), State: bytes.Clone(e.state), Owner: e.owner, Notify: e.notify,
		TTL: time.Duration(e.at - now.UnixNano()),
	}
}
