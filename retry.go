package tandem

import (
	"errors"
	"time"
)

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
