package engine

import "crypto/rand"

// newMask gives the mask of one frame. RFC 6455, section 10.3, wants it unpredictable to whoever chose the payload,
// so it comes from crypto/rand for each frame.
func newMask() (mask [4]byte) {
	rand.Read(mask[:]) // never fails since Go 1.24
	return mask
}
