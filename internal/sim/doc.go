// Package sim simulates sessions: hours of clients, servers and a bad network in milliseconds, under testing/synctest. It
// has tests only.
//
// A seed decides a world: the codec, the policy, where sessions are stored, how many clients there are, what they and the
// server send, and what goes wrong and when. Connections are cut at any byte, held as an unplugged cable holds them,
// delayed and sliced; the network goes down for as long as a session is kept, to the millisecond; servers are stopped in
// order and killed, and others come in their place; somebody shows a stolen secret. A ledger that outlives the servers
// notes what they have taken. At the end the network heals, all clients leave, and what the ledger holds is compared with
// what clients and handlers were told: nothing is lost, nothing doubled, nothing out of order, and who was told "certainly
// not delivered" was told the truth.
//
//	go test ./internal/sim                                    a few hundred seeds
//	go test ./internal/sim -seeds=100000 -timeout=0           many
//	go test ./internal/sim -seed=4711 -v                      one, with what happened
//
// A failure names its seed. The seed decides everything but the order in which goroutines run that could run at the same
// moment, so a failure that needs a certain order may take several runs of its seed to come again: -count=100.
//
// Bytes are not reordered or doubled here, because TCP does neither; internal/session's model does that to frames.
package sim
