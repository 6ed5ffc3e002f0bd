package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
)

// client has one conversation with the server.
type client struct {
	// conn is the other end of what the handler has: it receives what the server sends.
	conn *tandem.Conn[api.ServerEvent, api.ClientEvent]

	// due counts what is to come before the client leaves: the greeting, the end of the input, and an answer for each
	// line that was sent. Who brings it to zero calls leave.
	due   atomic.Int64
	leave context.CancelCauseFunc
}

// connect talks to the server at base until the input has ended and every line is answered, or ctx is cancelled.
func connect(ctx context.Context, base string, p api.Person, codec tandem.Codec) error {
	conn, err := api.Uppercase.Dial(ctx, base, p, &tandem.DialOptions{Codec: codec})
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	c := &client{conn: conn, leave: leave}
	c.due.Store(2)
	go c.send(ctx, os.Stdin) // a read of the terminal ends with the program only
	err = c.receive(ctx)
	closed := conn.Close(tandem.CodeNormal, "")
	if errors.Is(err, context.Canceled) { // nothing is due any more, or the user has had enough
		return closed
	}
	return err
}

// receive prints the messages until it is time to leave.
func (c *client) receive(ctx context.Context) error {
	for msg, err := range c.conn.Messages(ctx) {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		switch msg := msg.(type) {
		case api.Uppercased:
			fmt.Println(string(msg))
			c.done()
		}
	}
	return errors.New("the server has ended the conversation")
}

// send sends the input, line by line. A line that cannot be sent is left out, and that is told.
func (c *client) send(ctx context.Context, input io.Reader) {
	lines := bufio.NewReaderSize(input, maxMessage)
	for n := 1; ; n++ {
		line, err := readLine(lines)
		switch {
		case err == io.EOF:
			c.done()
			return
		case err == nil:
			err = c.sendLine(ctx, line)
		case !errors.Is(err, tandem.ErrTooBig):
			c.leave(fmt.Errorf("standard input: %w", err))
			return
		}
		switch {
		case ctx.Err() != nil, c.conn.Err() != nil:
			return // receive has the reason
		case errors.Is(err, tandem.ErrTooBig):
			stderr.Printf("line %d not sent: a message may have %d bytes", n, maxMessage)
		case err != nil:
			stderr.Printf("line %d not sent: %v", n, err)
		}
	}
}

// sendLine sends a line, whose answer is due from then on.
func (c *client) sendLine(ctx context.Context, line string) error {
	c.due.Add(1)
	err := c.conn.Send(ctx, api.TextInput(line))
	if err != nil {
		c.due.Add(-1)
	}
	return err
}

// done takes off one of what is due.
func (c *client) done() {
	if c.due.Add(-1) == 0 {
		c.leave(nil)
	}
}

// maxMessage is the default of tandem.Limits.MaxClientMessage, which the endpoint leaves as it is.
const maxMessage = 64 << 10

// readLine reads a line, without its end. One that is longer than the reader's buffer is skipped and gives ErrTooBig.
func readLine(r *bufio.Reader) (string, error) {
	line, more, err := r.ReadLine()
	if !more {
		return string(line), err
	}
	for more && err == nil {
		_, more, err = r.ReadLine()
	}
	if err == nil || err == io.EOF {
		err = tandem.ErrTooBig
	}
	return "", err
}
