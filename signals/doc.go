// Package signals has reactive values: values that know who has read them, and have it run again when they change.
//
//	g := signals.NewGraph(nil)
//	count := signals.New(g, 1)
//	double := signals.NewMemo(g, func(r *signals.Reader) int { return 2 * count.Get(r) })
//	scope := signals.NewScope(g)
//	signals.Effect(scope, func(r *signals.Reader) { fmt.Println(double.Get(r)) }) // prints 2
//	count.Set(21)                                                                // prints 42
//
// A [Signal] holds a value, a [Memo] works one out of others, an effect does something with them. Who reads says so with a
// [Reader], which every memo and effect gets: what is read with it is what the memo or effect depends on, until it runs
// again. [Signal.Peek], and Get without a Reader, read without depending on anything.
//
// # What is promised
//
// Nobody sees a mix of old and new: a memo or effect runs at most once for a change, however many ways the change takes to
// it. What another goroutine writes in the middle of a run, the run may see in part; then there is another.
//
// A memo is lazy: it is worked out when it is read, and only if what it has read before has changed; a result that equals
// the last one stops there. A memo that no effect depends on holds no subscription, so that it is collected with its last
// reference.
//
// Effects run in the order in which they began to depend on what changed, an effect before those that were made inside it,
// which end when it runs again. Writes of an equal value are no change. Writes inside [Graph.Batch], an effect or a memo
// reach the effects when that has ended, and a signal that has its old value again by then has not changed. Where batches
// of several goroutines overlap, or one works a memo out, effects wait until all of them are done.
//
// Equal means ==, or the function given to [NewFunc]. So NaN, which is not == to itself, is a change each time, and a
// pointer that is written again is none, whatever it points to.
//
// # Goroutines
//
// Everything may be called from any goroutine at any time. One lock guards a graph, and is never held while a function of
// the program runs. Effects run one after the other, where the graph's [Scheduler] has them run: in the goroutine of who has
// written, or on the thread of a user interface. Only the first run of each is in the call that makes it. Goroutines that a memo or effect starts may go on reading with its Reader
// while it runs; after that they read without depending.
//
// # Panics
//
// The panic of a memo is its result: it is kept, and whoever reads the memo panics with it, as a *[PanicError], until
// something changes that the memo has read. The panic of an effect does not keep others from running; see
// [Options].OnPanic. A memo that needs itself panics with [ErrCycle], an effect that causes itself to run without end is
// stopped with [ErrLoop].
//
// # What it does not do
//
// There are no streams: a value that is overwritten before anybody looks is gone. What must not be lost, such as messages,
// belongs into a [List] or a channel.
package signals
