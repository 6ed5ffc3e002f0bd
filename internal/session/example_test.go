//go:build !js

package session_test

import (
	"fmt"
	"time"

	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/session"
	"github.com/tandem-ws/tandem/internal/session/envelope"
)

// One end of a connection is driven like this; a lock of the caller's is around each step. The other end of this
// example is the text of its frames.
func Example() {
	now := time.Unix(0, 0)
	env := envelope.New(coderOf(json.Codec))
	c := session.NewClient(nil)

	// After every call: write the frames, act on the events, see to the timer.
	flush := func() {
		for f, ok := c.Next(); ok; f, ok = c.Next() {
			b, _ := env.Append(nil, &f)
			fmt.Printf("-> %s\n", b)
		}
		for e, ok := c.NextEvent(); ok; e, ok = c.NextEvent() {
			fmt.Println(e.Kind, e.Why, len(e.Unsent), "unsent")
		}
		if at, ok := c.Due(); ok && !at.After(now) {
			c.Tick(now) // a driver sets its timer to at
		}
	}
	read := func(sock session.Socket, src string) {
		var f session.Frame
		if err := env.Parse([]byte(src), &f); err != nil {
			c.Malformed(sock, err.Error())
		} else if verdict, ref := c.Receive(now, sock, &f); verdict == session.Deliver && c.Took(ref) {
			fmt.Printf("the application gets %s\n", f.Payload)
		}
		flush()
	}

	first := c.Connected(now, "")
	flush()
	read(first, `[8,0,{"v":1,"sid":"s1","key":"AAAAAAAAAAAAAAAAAAAAAA","epoch":"e1"}]`)
	_, _ = c.Send(&session.Message{Payload: []byte(`"hello"`)})
	flush()
	read(first, `[0,1,"hi"]`)

	c.Lost(first)
	second := c.Connected(now, "")
	flush()
	read(second, `[8,0,{"v":1,"sid":"s1","key":"BBBBBBBBBBBBBBBBBBBBBB","resumed":true,"rx":0,"epoch":"e1"}]`)
	read(second, `[0,1,"hi"]`) // again, and dropped

	// Output:
	// -> [7,0,{"v":1}]
	// -> [2,0,{"rx":0}]
	// opened  0 unsent
	// -> [0,1,"hello"]
	// the application gets "hi"
	// -> [7,0,{"v":1,"sid":"s1","key":"AAAAAAAAAAAAAAAAAAAAAA","try":1,"rx":1,"epoch":"e1"}]
	// -> [2,0,{"rx":1}]
	// -> [0,1,"hello"]
	// resumed  0 unsent
}
