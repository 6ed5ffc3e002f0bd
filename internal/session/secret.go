//go:build !js

package session

import (
	"crypto/sha256"
	"crypto/subtle"
)

// secret is what a server keeps of a key: its hash, and the highest number of a hello that has shown it.
type secret struct {
	hash [sha256.Size]byte
	set  bool
	try  uint64
}

func newSecret(key string) secret { return secret{hash: sha256.Sum256([]byte(key)), set: true} }

// is compares in constant time.
func (s *secret) is(hash *[sha256.Size]byte) bool {
	return subtle.ConstantTimeCompare(s.hash[:], hash[:]) == 1 && s.set
}

// secrets are the keys a hello may show. Between a welcome and the client's first frame behind it these are two: the
// one that was shown, because the welcome may have got lost, and the new one, because the client may have it.
type secrets struct{ shown, fresh secret }

// find gives the secret that the key is, or nil. Both are looked at, so that the time does not tell which.
func (s *secrets) find(key string) *secret {
	hash := sha256.Sum256([]byte(key))
	shown, fresh := s.shown.is(&hash), s.fresh.is(&hash)
	switch {
	case fresh:
		return &s.fresh
	case shown:
		return &s.shown
	}
	return nil
}

// rotate takes up a new key after a hello has shown one of the others in its try'th attempt.
func (s *secrets) rotate(shown *secret, try uint64, key string) {
	shown.try = try
	s.shown, s.fresh = *shown, newSecret(key)
}

// proven leaves only the new key: the client has it.
func (s *secrets) proven() { s.shown = secret{} }
