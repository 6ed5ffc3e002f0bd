package tandem_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// Credentials that expire end the connection they opened.
func TestServeOptions_Authorize_deadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until := func(r *http.Request) (context.Context, error) {
			ctx, cancel := context.WithTimeout(r.Context(), time.Hour)
			t.Cleanup(cancel)
			return ctx, nil
		}
		began := time.Now()
		c := talk(t, echo, &tandem.ServeOptions{Authorize: until})
		_, err := c.Recv(t.Context())
		assertClosed(t, err, tandem.CodeUnauthorized, "authorization expired")
		assert.Equal(t, time.Since(began), time.Hour)
	})
}
