package tandem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/internal/assert"
)

// A gateway does not repeat to its own clients what another server has told it.
func TestHandler_doesNotRelayAnothersClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret := func(context.Context, struct{}, *textConn) error {
			return &tandem.CloseError{Code: 4001, Reason: "for the gateway only"}
		}
		inner := talk(t, secret, nil)
		c := talk(t, func(ctx context.Context, _ struct{}, _ *textConn) error {
			_, err := inner.Recv(ctx)
			return fmt.Errorf("backend: %w", err)
		}, nil)
		_, err := c.Recv(t.Context())
		assertClosed(t, err, tandem.CodeInternal, "")
	})
}

func TestConn_CloseNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		c := talk(t, func(ctx context.Context, _ struct{}, c *textConn) error {
			_, err := c.Recv(ctx)
			ended <- err
			return err
		}, nil)
		began := time.Now()
		c.CloseNow()
		assert.Equal(t, time.Since(began), 0)
		_, err := c.Recv(t.Context())
		assert.ErrorIs(t, err, tandem.ErrClosed)
		assert.ErrorIs(t, <-ended, tandem.ErrLost)
	})
}

// ownBuffer is a codec with a common mistake: its Append does not append.
type ownBuffer struct{ tandem.Codec }

func (c ownBuffer) Append(_ []byte, v any) ([]byte, error) { return c.Codec.Append(nil, v) }

func TestConn_Send_codecThatDoesNotAppend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talkOver(t, newText(), echo, nil, &tandem.DialOptions{Codec: ownBuffer{json.Codec}}, nil)
		for _, msg := range []string{"", "hi", "a longer message than the room for a header"} {
			ee := assert.ErrorAs[*tandem.EncodeError](t, c.Send(t.Context(), msg))
			assert.Equal(t, ee.Codec, "json")
		}
	})
}

// A round trip takes as long as the network needs, whether somebody receives or not.
func TestConn_Ping_isTheNetworks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := talk(t, echo, nil)
		d, err := c.Ping(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, d, 0)
	})
}

// Only the error that has the status speaks to the client, not those around it.
func TestServeOptions_Authorize_wrappedStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := dialText(t, newText(), echo, &tandem.ServeOptions{
			Authorize: refuseWith(fmt.Errorf("select name from users where pw=1: %w", teapot{})),
		}, nil, nil)
		he := assert.ErrorAs[*tandem.HandshakeError](t, err)
		assert.Equal(t, he.Status, http.StatusTeapot)
		assert.Equal(t, he.Message, "short and stout")
	})
}

// A failure of the handler is logged during a shutdown too, though the client is told to come back.
func TestHandler_failsDuringShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book, hub := newLogBook(), tandem.NewHub(nil)
		c := talk(t, func(ctx context.Context, _ struct{}, _ *textConn) error {
			<-ctx.Done()
			return errors.New("disk is full")
		}, &tandem.ServeOptions{Hub: hub, Logger: book.logger()})
		go hub.Shutdown(t.Context())
		_, err := c.Recv(t.Context())
		assertClosed(t, err, tandem.CodeRestart, "server shutting down")
		synctest.Wait()
		assert.True(t, len(book.String()) > 0, "the failure is not logged")
	})
}
