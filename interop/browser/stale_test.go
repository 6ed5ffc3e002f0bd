package browser_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

// A page learns that it is stale from CloseEvent.code: that is the code of the server's Close frame, also where the page has
// closed first.
func TestStale(t *testing.T) {
	const schema = "&tandem.schema=00112233445566778899aabbccddeeff"
	base, _ := serve(t, func(ctx context.Context, c *conn) error {
		_, err := c.Recv(ctx)
		return err
	})
	b := open(t, browser(t), plain(base))
	for _, row := range []struct {
		name, query, onMessage string
		code                   int
	}{
		{"it cannot decode", "name=a&age=1" + schema, `socket.close(4957, "an unknown tag")`, 4906},
		{"it cannot decode, and is not stale", "name=a&age=1", `socket.close(4957, "an unknown tag")`, 4957},
		{"the server cannot decode", "name=a&age=1" + schema, `socket.send("x")`, 4906},
		{"its parameters do not fit", "name=a&age=x" + schema, ``, 4906},
		{"its parameters do not fit, and it is not stale", "name=a&age=x", ``, 1006},
		{"it leaves", "name=a&age=1" + schema, `socket.close(1000)`, 1000},
	} {
		got := eval[[]any](b, fmt.Sprintf(`new Promise((resolve) => {
			const socket = new WebSocket("/api/uppercase_ws?%s");
			socket.onmessage = () => { %s };
			socket.onclose = (e) => resolve([e.code, e.wasClean]);
		})`, row.query, row.onMessage))
		assert.Equal(t, got, []any{float64(row.code), row.code != 1006}, row.name)
	}
}
