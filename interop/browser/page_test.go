package browser_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

func TestPage(t *testing.T) {
	ctx := browser(t)
	srv := startExample(t, "127.0.0.1:0")
	b := open(t, ctx, plain(srv.base))
	b.wantStatus("open")
	b.wantMessage("HELLO ADA, 36")

	b.typeInto("input", "größe\r") // without a click: the input has the focus
	b.wantMessage("GRÖßE")
	assert.Equal(t, eval[string](b, byID("input")+".value"), "", "what was sent is gone from the input")
	b.typeInto("input", "<b>1</b> \"2\"")
	b.click("send")
	b.wantMessage("<B>1</B> \"2\"")
	assert.Equal(t, b.messages(), []string{"HELLO ADA, 36", "GRÖßE", "<B>1</B> \"2\""})

	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1200, 360} {
			b.shot("open", scheme, width, 760)
			assert.True(t, eval[bool](b, "document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out at %d px", width)
		}
	}

	b.paste("name", "")
	b.typeInto("name", "Zoë & co+1\r")
	b.wantMessage("HELLO ZOË & CO+1, 36")
	b.wantStatus("open")

	b.click("clear")
	assert.Equal(t, b.messages(), []string{})
	b.typeInto("input", "after clear\r")
	b.wantMessage("AFTER CLEAR")

	b.paste("name", "")
	b.typeInto("name", "\t") // no name: not a reason to connect
	b.typeInto("input", "still here\r")
	b.wantMessage("STILL HERE")

	b.paste("input", strings.Repeat("word ", 40)+strings.Repeat("x", 200))
	b.typeInto("input", "\r")
	b.until(byID("messages") + `.querySelectorAll("li").length === 3`)
	for i := range 12 {
		b.paste("input", fmt.Sprintf("%d more, and another line", i))
		b.typeInto("input", "\r")
	}
	b.wantMessage("11 MORE, AND ANOTHER LINE")
	for _, width := range []int64{360, 1200} {
		b.shot("full", "light", width, 640)
		assert.True(t, eval[bool](b, "document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out")
		assert.True(t, eval[bool](b, `(e => e.scrollHeight - e.scrollTop - e.clientHeight < 2)(`+byID("messages")+`)`), "the last message is in sight")
	}
	assert.Equal(t, b.statuses(), []string{"open", "connecting", "open"})
}

// An orderly end is shown as 1012, and the page comes back when there is a server again.
func TestPage_restart(t *testing.T) {
	ctx := browser(t)
	srv := startExample(t, "127.0.0.1:0")
	b := open(t, ctx, plain(srv.base))
	b.wantMessage("HELLO ADA, 36")
	srv.terminate()
	b.wantStatus("closed 1012 “server shutting down”, reconnecting")
	b.typeInto("input", "kept\r")
	b.shot("waiting", "light", 1200, 760)
	b.shot("waiting", "dark", 360, 640)

	startExample(t, srv.addr())
	b.wantStatus("open")
	b.until(byID("messages") + `.querySelectorAll("li").length === 2`)
	assert.Equal(t, eval[string](b, byID("input")+".value"), "kept", "what could not be sent")
	assert.Equal(t, b.statuses(), []string{"open", "closed 1012 “server shutting down”, reconnecting", "open"})
}

// A server that dies says nothing.
func TestPage_killed(t *testing.T) {
	ctx := browser(t)
	srv := startExample(t, "127.0.0.1:0")
	b := open(t, ctx, plain(srv.base))
	b.wantStatus("open")
	assert.NoError(t, srv.cmd.Process.Kill())
	b.wantStatus("closed 1006, reconnecting")
	srv.ends()
	startExample(t, srv.addr())
	b.wantStatus("open")
}

// What the server says when it ends a connection, the page shows.
func TestPage_closed(t *testing.T) {
	ctx := browser(t)
	for _, row := range []struct {
		name   string
		err    error
		status string
	}{
		{"normal", nil, "closed 1000"},
		{"stay away", &tandem.CloseError{Code: 4500, Reason: "bye"}, "closed 4500 “bye”"},
		{"policy", &tandem.CloseError{Code: tandem.CodePolicy}, "closed 1008"},
		{"come back", &tandem.CloseError{Code: 4001, Reason: "bye"}, "closed 4001 “bye”, reconnecting"},
		{"going away", &tandem.CloseError{Code: tandem.CodeGoingAway}, "closed 1001, reconnecting"},
		{"handler failed", io.ErrUnexpectedEOF, "closed 1011, reconnecting"},
	} {
		t.Run(row.name, func(t *testing.T) {
			first := true
			base, _ := serve(t, func(ctx context.Context, c *conn) error {
				if _, err := c.Recv(ctx); err != nil {
					return err
				}
				if first {
					first = false
					return row.err
				}
				_, err := c.Recv(ctx)
				return err
			})
			b := open(t, ctx, plain(base))
			b.wantStatus("open")
			b.typeInto("input", "bye\r")
			b.until(fmt.Sprintf("statuses.includes(%q)", row.status))
			if strings.HasSuffix(row.status, "reconnecting") {
				b.wantStatus("open") // by itself
			} else {
				b.shot("closed", "light", 360, 640)
				b.click("connect")
				b.wantStatus("open")
			}
			b.until(byID("messages") + `.querySelectorAll("li").length === 2`)
		})
	}
}

// A tab that is closed says 1001; a page that connects as somebody else, or that the browser keeps for the way back, 1000.
// To the handler all are normal ends.
func TestPage_leaves(t *testing.T) {
	ctx := browser(t)
	base, returned := serve(t, func(ctx context.Context, c *conn) error {
		_, err := c.Recv(ctx)
		return err
	})
	want := func(codes ...tandem.Code) {
		t.Helper()
		select {
		case err := <-returned:
			code := assert.ErrorAs[*tandem.CloseError](t, err).Code
			assert.True(t, slices.Contains(codes, code), "closed with %d, want %d", code, codes)
			assert.True(t, errors.Is(err, io.EOF), "a normal end: %v", err)
		case <-time.After(patience):
			t.Fatal("the handler has not returned")
		}
	}
	b := open(t, ctx, plain(base))
	b.wantStatus("open")
	b.typeInto("name", "x\r")
	want(tandem.CodeNormal)
	b.until("statuses.length === 3")
	b.wantStatus("open")

	b.run(chromedp.Navigate("about:blank"))
	want(tandem.CodeNormal, tandem.CodeGoingAway) // not every version keeps a page with a websocket
	// chromedp.NavigateBack waits for a load event, which a kept page has not; and the answer to the evaluation must leave
	// before the page does.
	eval[chromedp.Void](b, "void setTimeout(() => history.back())")
	b.wantStatus("open")

	b.close()
	want(tandem.CodeGoingAway)
}

// The page and Go agree on the codes after which to come back.
func TestPage_comesBack(t *testing.T) {
	b := open(t, browser(t), plain(startExample(t, "127.0.0.1:0").base))
	got := eval[[]tandem.Code](b, "Array.from({ length: 4000 }, (_, i) => 1000 + i).filter(comesBack)")
	var want []tandem.Code
	for code := tandem.Code(1000); code < 5000; code++ {
		if code.Reconnect() {
			want = append(want, code)
		}
	}
	assert.True(t, slices.Equal(got, want), "the page comes back after %v, Go after %v", got, want)
}

// Everything can be done with the keyboard, in the order in which it is on the page.
func TestPage_keyboard(t *testing.T) {
	b := open(t, browser(t), plain(startExample(t, "127.0.0.1:0").base))
	b.wantMessage("HELLO ADA, 36")
	assert.Equal(t, eval[string](b, "document.activeElement.id"), "input", "the page is ready to be typed into")
	b.run(chromedp.Focus(chromedp.CSS("[data-testid=name]")))
	for _, next := range []string{"age", "clear", "messages", "input", "send"} {
		b.run(chromedp.KeyEvent("\t"))
		assert.Equal(t, eval[string](b, "document.activeElement.id"), next)
	}
}
