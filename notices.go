//go:build !js

package tandem

import (
	"context"
	"sync"
	"time"

	"github.com/tandem-ws/tandem/internal/link"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/wire"
)

// notices are the expired sessions that a store hands out. A store does not know of endpoints, so all those of a hub that
// share one listen together.
type notices struct {
	store Store

	mu        sync.Mutex
	endpoints map[string]*sessions // by pattern
}

// notify has an endpoint told of what expires in a store, until the hub is shut down.
func (h *Hub) notify(store Store, ss *sessions) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.notices[store]
	if n == nil {
		n = &notices{store: store, endpoints: map[string]*sessions{}}
		if h.notices == nil {
			h.notices = map[Store]*notices{}
		}
		h.notices[store] = n
		ctx := h.aliveLocked()
		h.work.Go(func() { n.listen(ctx) })
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.endpoints[ss.server.plan.Pattern()] = ss
}

// listenAgain is how long to wait when the store has failed.
const listenAgain = 5 * time.Second

func (n *notices) listen(ctx context.Context) {
	for {
		sid, r, err := n.store.Expired(ctx)
		switch {
		case err == nil:
			n.tell(ctx, sid, r)
		case ctx.Err() != nil:
			return
		default:
			select {
			case <-time.After(listenAgain):
			case <-ctx.Done():
			}
		}
	}
}

// tell finds out whose session it was, tells, and has the store forget it. What is nobody's here is left for others, as
// is what the application did not take: the store hands it out again.
func (n *notices) tell(ctx context.Context, sid string, r *Record) {
	pattern, snapshot := unwrap(r.Session)
	n.mu.Lock()
	ss := n.endpoints[pattern]
	n.mu.Unlock()
	if ss == nil {
		return
	}
	end := &endedSession{id: sid, end: &wire.SessionError{Why: session.WhyExpired}, state: unwrapState(r.State)}
	codec := ss.server.codec
	if epoch, err := ss.keeper.epoch(); err == nil {
		if core, err := session.Restore(ss.core(epoch), time.Now(), snapshot); err == nil {
			end.principal = core.Principal()
			core.Forsake()
			if e, ok := core.NextEvent(); ok && e.Kind == session.Over {
				end.end = link.Ended(&e)
			} else {
				end.end.Why = core.EndedBy() // it was over when it was written, and nobody had taken the notice
			}
			codec = ss.codecOf(core.Codec())
		}
	}
	if ss.tellExpired(ctx, &Session{ended: end, codec: codec}) {
		_ = n.store.Delete(context.WithoutCancel(ctx), sid, r.Version) // or it comes again
	}
}
