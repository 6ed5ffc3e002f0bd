// Package jsws is a connection on the WebSocket of a browser, through syscall/js: what internal/engine is to native
// programs. On other platforms it has nothing but this comment.
//
// # Events
//
// A call from JavaScript into Go costs about as much as everything else that is done for a small message, so messages do
// not make one each: the browser appends them to a JavaScript array, with Array.prototype.push as the listener, and the
// first of a burst rings a bell, which calls Go when the burst is over. See burst.go. All of this is made of functions that
// are there already, because a page whose Content-Security-Policy forbids eval cannot make new ones.
//
// # Concurrency
//
// Go has one thread in a browser, and events come only while every goroutine waits. Next, NextFrame and Done belong to one
// goroutine at a time; everything else may be called from any. Callbacks never block: they take a lock that is held for
// no longer than it takes to look, and wake somebody. The lock is not held while JavaScript runs that could call back.
//
// # What a browser cannot do
//
// It gives no back-pressure: what the server sends comes, whether somebody receives or not, and is kept up to a bound. It
// sends no pings. It closes with 1000 and with codes from 3000 on, no others. It does not drop a connection: whoever wants
// that closes with 3008. And it does not tell why a handshake was refused.
package jsws
