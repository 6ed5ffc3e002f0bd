package tandemtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/tandemtest"
)

var Counter = &tandem.Endpoint[struct{}, string, int]{Path: "/counter", Codec: json.Codec, Session: &tandem.SessionPolicy{}}

func count(ctx context.Context, _ struct{}, c *tandem.Conn[string, int]) error {
	st := tandem.StateOf[int](c.Session())
	n, _, err := st.Load()
	if err != nil {
		return err
	}
	for _, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		n++
		if err := st.Save(ctx, n); err != nil {
			return err
		}
		if err := c.Send(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// What a restart, and the death of a server, do to a session.
func ExampleSite() {
	t := newExampleTB()
	defer t.end()
	site := tandemtest.NewSite(t, nil)
	serve := func(n *tandemtest.Node) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(Counter.Handler(count, &tandem.ServeOptions{Hub: n.Hub, Store: n.Store}))
		return mux
	}
	store := &tandem.MemoryStore{}
	node := site.Start(store, serve)
	c, err := Counter.Dial(t.Context(), tandemtest.URL, struct{}{}, &tandem.DialOptions{
		Transport: site.Transport(), Reconnect: &tandem.Reconnect{Min: 10 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() {
		if err := c.Send(t.Context(), "one more"); err != nil {
			t.Fatal(err)
		}
		fmt.Println(c.Recv(t.Context()))
	}
	ask()
	node.Stop()
	node = site.Start(store, serve)
	ask()
	node.Kill()
	site.Start(store, serve)
	for err == nil { // the answer may have come before
		_, err = c.Recv(t.Context())
	}
	gap, ok := errors.AsType[*tandem.Gap[string]](err)
	fmt.Println(ok, gap.Reason)
	ask() // in another session, with the state of the first
	fmt.Println(c.Close(tandem.CodeNormal, ""))
	// Output:
	// 1 <nil>
	// 2 <nil>
	// true crashed
	// 3 <nil>
	// <nil>
}
