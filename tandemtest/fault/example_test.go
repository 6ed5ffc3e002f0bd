package fault_test

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/tandem-ws/tandem/tandemtest/fault"
)

// A client talks to an echo server through a proxy that cuts the connection in the middle of an answer.
func Example() {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()

	p := fault.New(&fault.Options{Seed: 7})
	defer p.Close()
	l, err := p.ListenTCP("127.0.0.1:0", server.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	p.On(fault.ServerToClient).Slice(3).CutAfter(8)

	c, err := l.Dial(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	_, _ = io.WriteString(c, "two riders, one frame")
	answer, err := io.ReadAll(c)
	fmt.Printf("%q %v\n", answer, err)
	fmt.Println(p.Bytes(fault.ServerToClient), "of", p.Bytes(fault.ClientToServer), "bytes came back")
	// Output:
	// "two ride" <nil>
	// 8 of 21 bytes came back
}
