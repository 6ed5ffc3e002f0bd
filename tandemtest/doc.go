// Package tandemtest helps to test programs that use tandem: handlers and clients over an in-memory network, which
// works inside a testing/synctest bubble, so that minutes of pings and timeouts pass at once and a test needs no sleep.
//
//	synctest.Test(t, func(t *testing.T) {
//		c := tandemtest.Connect(t, api.Uppercase, uppercase, api.Person{Name: "Ada"}, nil)
//		msg, err := c.Recv(t.Context())
//		...
//	})
//
// [Connect] is for one endpoint and one client; [NewServer] takes any http.Handler and any number of clients. Both
// clean up when the test ends. Package fault beside this one breaks connections on purpose, package codectest checks
// codecs, package storetest stores.
//
// Make handlers inside the bubble: all connections of a handler share goroutines and timers, which belong to the bubble that
// started them.
//
// Nothing here opens a socket. Everything else is real: the handshake goes through net/http, and the frames through
// the same engine as in production. Memory has no kernel, though: buffers, timing and errors of a real network are for
// tests on loopback.
package tandemtest
