package tandem

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// Reconnect says how a client of an endpoint with sessions comes back after its socket is lost. The wait before the
// n-th attempt is random, between nothing and Min times 2 to the n, at most Max: so clients that were lost together do
// not come back together. A refusal with Retry-After is waited for; a browser does not tell of either, so it tries again
// after every refusal but that of ServeOptions.RefuseInBand. A zero field means its default.
type Reconnect struct {
	// Min and Max bound the wait. Defaults 500 ms and 30 s.
	Min, Max time.Duration
	// Tries is how often in a row; after that the session is given up. Default no bound.
	Tries int
	// Stable is how long a socket must live for the tries to be counted from the start again. Default 30 s.
	Stable time.Duration
	// Prepare is called before each attempt, also the first, with a copy of the options: it may put a fresh
	// credential into Header or Credential. An error counts as a failed attempt. Default none.
	Prepare func(ctx context.Context, attempt int, o *DialOptions) error
}

func (r *Reconnect) withDefaults() Reconnect {
	var out Reconnect
	if r != nil {
		out = *r
	}
	out.Min = orDefault(out.Min, 500*time.Millisecond)
	out.Max = orDefault(out.Max, 30*time.Second)
	out.Stable = orDefault(out.Stable, 30*time.Second)
	return out
}

// wait is how long to wait after so many failed attempts, the last of which ended with err. Not ok gives up.
func (r *Reconnect) wait(attempt int, err error) (wait time.Duration, ok bool) {
	if r.Tries > 0 && attempt >= r.Tries {
		return 0, false
	}
	ceiling := r.Max
	if attempt < 63 && r.Min <= r.Max>>attempt { // Min<<attempt does not overflow
		ceiling = r.Min << attempt
	}
	wait = time.Duration(rand.Int64N(int64(max(1, ceiling))))
	refused, isRefused := errors.AsType[*HandshakeError](err)
	if !isRefused {
		return wait, true
	}
	if after := refused.Header["Retry-After"]; len(after) > 0 {
		if seconds, err := strconv.Atoi(after[0]); err == nil && seconds > 0 {
			wait += time.Duration(min(seconds, 3600)) * time.Second
		}
	}
	if status := refused.Status; status >= 400 && status <= 499 && !(CodeRefused + Code(status) - 400).Reconnect() {
		return 0, false
	}
	return wait, true // also a page or a redirect where none was expected: somebody between is in the way, until he is not
}

// comesBack reports whether an attempt that ended like this is worth another.
func comesBack(err error) bool {
	ce, ok := errors.AsType[*wire.CloseError](err)
	return !ok || wire.ComesBack(ce.Code)
}
