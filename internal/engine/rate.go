package engine

import "strconv"

// bucket is a token bucket that starts full. Whoever uses it guards it.
type bucket struct {
	used float64 // tokens missing from a full bucket
	at   instant
}

// take takes n tokens, or reports that there are not as many. What asks for more than a full bucket never passes.
func (b *bucket) take(r Rate, n float64) bool {
	now := now()
	if b.at != 0 {
		b.used = max(0, b.used-now.sub(b.at).Seconds()*r.PerSecond)
	}
	b.at = now
	if b.used+n > r.Burst {
		return false
	}
	b.used += n
	return true
}

// rates are the buckets of a connection whose peer is limited; others have none.
type rates struct{ messages, bytes bucket }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
