package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/tandem-ws/tandem"
)

// Two servers find the same session at rest. The store lets one of them have it; in the end somebody is told that nobody
// came back.
func ExampleStore() {
	ctx := context.Background()
	var store tandem.Store = &tandem.MemoryStore{}
	at, err := store.Save(ctx, "session-7", &tandem.Record{State: []byte("3 cups"), TTL: 2 * time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a new one, again:", save(store, 0, "kitchen"))
	fmt.Println("kitchen takes it:", save(store, at, "kitchen"))
	fmt.Println("bar takes it:", save(store, at, "bar"))

	sid, r, err := store.Expired(ctx) // for OnExpired; in a goroutine of its own
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("expired: %s with %s, last run by %s\n", sid, r.State, r.Owner)
	fmt.Println(store.Delete(ctx, sid, r.Version))
	_, err = store.Load(ctx, sid)
	fmt.Println(errors.Is(err, tandem.ErrNoSession))
	// Output:
	// a new one, again: tandem: session was changed by somebody else
	// kitchen takes it: <nil>
	// bar takes it: tandem: session was changed by somebody else
	// expired: session-7 with 3 cups, last run by kitchen
	// <nil>
	// true
}

func save(store tandem.Store, version uint64, owner string) error {
	_, err := store.Save(context.Background(), "session-7", &tandem.Record{
		Version: version, State: []byte("3 cups"), Owner: owner, TTL: time.Millisecond, Notify: true,
	})
	return err
}
