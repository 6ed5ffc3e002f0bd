package memory

import "github.com/tandem-ws/tandem/bench/rivals/rival"

// Budget bounds what a subject may cost, as a multiple of what the floor costs in the same run.
type Budget struct {
	Name    string
	Subject Subject
	Floor   Subject
	Task    Task

	Gate    float64 // the check fails past it
	Promise float64 // what was promised; 0 where nothing was
	Reach   float64 // what is to be reached for; 0 where nothing was said
	Allocs  float64 // allocations for each message that the subject may make beyond the floor's
	Why     string
}

var (
	rawTask   = func(size int) Task { return Task{Size: size} }
	typedTask = func(codec, message string) Task { return Task{App: rival.App{Codec: codec, Message: message}} }
)

// Budgets are what `-check` holds. The gate is today's cost and a margin for noise, so that one more copy or lock is
// seen; where a promise is missed, the table says so. Lower gates when the code gets better; raise one only with the
// reason in the commit.
var Budgets = []Budget{
	{
		Name: "engine/raw/32B", Subject: Engine, Floor: Limit, Task: rawTask(32), Gate: 3.00, Promise: 3.00, Reach: 1.50,
		Why: "promised: at most 3 times the floor with a context that can be cancelled on each call, 1.5 to be reached for",
	},
	{
		Name: "engine/raw/1KiB", Subject: Engine, Floor: Limit, Task: rawTask(1 << 10), Gate: 1.90,
		Why: "the same cost per call on a longer message; a further copy of 1 KiB is a fifth of the floor",
	},
	{
		Name: "engine/raw/16KiB", Subject: Engine, Floor: Limit, Task: rawTask(16 << 10), Gate: 1.15,
		Why: "as dear as the floor today: read, unmasked in place, copied once; one more copy is about 0.3",
	},
	{
		Name: "engine/raw/64KiB", Subject: Engine, Floor: Limit, Task: rawTask(64 << 10), Gate: 1.36,
		Why: "longer than the read buffer, so read straight to its place; 1.23 today, one more copy is about 0.5",
	},
	{
		Name: "conn/32B", Subject: TandemPass, Floor: Limit, Task: rawTask(32), Gate: 3.90,
		Why: "the typed face with a codec that costs nothing: two calls through interfaces each way and a copy of the value; 3.1 today",
	},
	{
		Name: "conn/16KiB", Subject: TandemPass, Floor: Limit, Task: rawTask(16 << 10), Gate: 1.40,
		Why: "the typed face must not copy: decoded from the read buffer, encoded behind the frame header; 1.25 today",
	},
	{
		Name: "conn/64KiB", Subject: TandemPass, Floor: Limit, Task: rawTask(64 << 10), Gate: 1.42,
		Why: "see conn/16KiB; where a copy leaves the first cache",
	},
	{
		Name: "rawconn/32B", Subject: TandemRaw, Floor: Limit, Task: rawTask(32), Gate: 3.40,
		Why: "RawConn into memory of the caller: one copy; 2.8 today",
	},
	{
		Name: "batch/raw/32B", Subject: Engine, Floor: LimitCo, Task: Task{Size: 32, Batch: 16}, Gate: 7.20, Reach: 4.00,
		Why: "16 messages in one read and one write: two locked instructions to receive and two to send, 5.8 today",
	},
	{
		Name: "batch/rawconn/32B", Subject: TandemRaw, Floor: LimitCo, Task: Task{Size: 32, Batch: 16}, Gate: 7.80,
		Why: "RawConn must add nothing but its copy to batch/raw/32B: a Frame of more than four words adds a third; 6.4 today",
	},
	{
		Name: "batch/raw/1KiB", Subject: Engine, Floor: LimitCo, Task: Task{Size: 1 << 10, Batch: 16}, Gate: 2.20, Reach: 1.50,
		Why: "answers are encoded straight behind each other; 1.7 today",
	},
	{
		Name: "typed/json/ten", Subject: Tandem, Floor: Limit, Task: typedTask("json", "ten"), Gate: 1.40, Promise: 1.10, Reach: 1.03,
		Why: "today 1.15 to 1.2: copies of the value from the stack to where a codec may have it and back, and four locked instructions",
	},
	{
		Name: "typed/cbor/ten", Subject: Tandem, Floor: Limit, Task: typedTask("cbor", "ten"), Gate: 1.40, Promise: 1.10, Reach: 1.03,
		Why: "see typed/json/ten",
	},
	{
		Name: "typed/msgpack/ten", Subject: Tandem, Floor: Limit, Task: typedTask("msgpack", "ten"), Gate: 1.40, Promise: 1.10, Reach: 1.03,
		Why: "see typed/json/ten",
	},
	{
		Name: "typed/json/big", Subject: Tandem, Floor: Limit, Task: typedTask("json", "big"), Gate: 1.12, Promise: 1.10, Reach: 1.03,
		Why: "promised, see typed/json/ten; 64 KiB",
	},
	{
		Name: "foreign/raw/32B", Subject: Engine, Floor: Limit, Task: Task{Size: 32, Foreign: true}, Gate: 4.80,
		Why: "a connection that cannot be written without blocking costs a switch to the flusher and back; 3.6 today",
	},
}
