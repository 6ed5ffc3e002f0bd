package tandem

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// Reconnect says how a client comes back after its socket is lost: that of a session, and a socket of package live. After n
// attempts that have failed since the last stable connection the wait is random, between nothing and Min times 2 to the n, at
// most Max: so clients that were lost together do not come back together. A refusal with Retry-After is waited for; a browser
// does not tell of either, so it tries again after every refusal but that of ServeOptions.RefuseInBand. A zero field means its
// default.
type Reconnect struct {
	// Min and Max bound the wait. Defaults 500 ms and 30 s.
	Min, Max time.Duration
	// Tries is how often in a row; after that it is given up. Default no bound.
	Tries int
	// Stable is how long a socket must live for the tries to be counted from the start again. Default 30 s.
	Stable time.Duration
	// Prepare is called before each attempt, also the first, with a copy of the options: it may put a fresh
	// credential into Header or Credential. attempt counts those that have failed since the last stable connection, 0 for the
	// first; that a session has lost its socket counts as one. An error counts as a failed attempt. Default none.
	Prepare func(ctx context.Context, attempt int, o *DialOptions) error
}

// Next says how long to wait before the next attempt to connect, after so many failed ones since the last connection that
// was stable, err being why the last has failed, or why the connection was lost; it reports false when another is not worth
// it. Not worth it is what would fail again: a close with a code that is final (see [Code.Reconnect]), a refusal with a
// status of 400 to 499, but for those that time heals, a parameter or message that is not as declared. It is for programs
// that come back by themselves; sessions do so already. A nil *Reconnect means the defaults.
func (r *Reconnect) Next(failed int, err error) (wait time.Duration, again bool) {
	if ce, ok := errors.AsType[*CloseError](err); ok && !ce.Code.Reconnect() {
		return 0, false
	}
	if _, ok := errors.AsType[*ParamError](err); ok {
		return 0, false
	}
	if _, ok := errors.AsType[*DecodeError](err); ok {
		return 0, false
	}
	with := r.withDefaults()
	return with.wait(failed, err)
}

// WasStable reports whether a connection that has lived so long was stable: then attempts are counted from the start again.
// A nil *Reconnect means the default.
func (r *Reconnect) WasStable(lived time.Duration) bool { return lived >= r.withDefaults().Stable }

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
