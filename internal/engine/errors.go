package engine

import "errors"

// What ends a connection besides the network's own errors. Each is wrapped in a wire.LostError.
var (
	errNoPong       = errors.New("no pong in time")
	errWriteStalled = errors.New("peer took no bytes within the write deadline")
	errNoClose      = errors.New("peer did not answer the close frame")
)
