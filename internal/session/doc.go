// Package session is the state of a session, a connection that outlives its sockets: spec/session.md. [Client] and
// [Server] are the two ends. Both are pure state machines: no I/O, no goroutine, no clock, no randomness, no codec.
//
// # How to drive an end
//
// Whoever owns an end calls it under one lock, and after every call, while still holding the lock,
//
//   - writes what Next gives, until it has none, to the current socket;
//   - acts on what NextEvent gives, until it has none. Shut closes a socket, behind the frames; all other events go to
//     the application, in order with the deliveries;
//   - sees to it that Tick is called when Due says.
//
// Sockets are told by Connected (client), NewServer and Resume (server), Lost and Closed. Each has a number, and what
// comes from another than the current one is ignored, so a reader of an old socket does no harm.
//
// A frame that Receive wants delivered goes to the application at once or into a queue of the caller's, which the window
// bounds; its payload belongs to whoever read it. Right before the application gets it, Took counts it as taken: this is
// what an acknowledgement means. When Took says no, the frame is dropped.
//
// Send keeps a message by reference until it is acknowledged. So the same bytes may be kept by many sessions. When the
// window is full it says ErrFull; waiting, dropping or closing is up to the caller, who tries again after the verdict
// Room and the events Resumed and Gap.
//
// # Sessions that outlive a process
//
// A server's end can be written down with Snapshot, and read by another process with [Restore]. Which of three rules a
// session follows is up to who drives it:
//
//   - No store: it dies with its process.
//   - Rest at an orderly shutdown, then a snapshot. While the session runs, a snapshot is worth storing when it begins,
//     and whenever Unsaved says so: it lets a later process tell the end of a session whose process has died.
//   - Durable: the application says Settle when it is done with what it has taken, and whenever Unsaved says so the
//     record is stored before anything else goes out; the end itself sees to that. Ask behind every call, before Next.
//
// Each write is: Snapshot, a compare-and-swap in the store, Saved. When the store says that somebody else has written,
// Fenced. When nobody knows whether it has written, the same snapshot again, or a newer one; until one is through, a
// session that waits for it says nothing.
//
// Both ends have the methods Send, NextSeq, HasRoom, Drained, Next, NextEvent, Receive, Malformed, Took, Lost, Closed,
// End, Tick, Due, Socket, Flowing and IsOver.
//
// # What it does not do
//
// It encodes nothing: that is internal/session/envelope. It stores nothing itself, limits no rates, and does not decide when
// to open a socket.
package session
