package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

type Visitor struct {
	Visits *int `cookie:"visits"`
}

var Guestbook = &tandem.Endpoint[Visitor, string, string]{Path: "/guestbook", Codec: json.Codec}

func serveGuestbook(ctx context.Context, p Visitor, c *tandem.Conn[string, string]) error {
	if p.Visits == nil {
		return c.Send(ctx, "pleased to meet you")
	}
	return c.Send(ctx, fmt.Sprintf("you have been here %d times", *p.Visits))
}

func countVisits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "visits", Value: "1"})
		next.ServeHTTP(w, r)
	})
}

// The upgrade is made with an http.Client: its cookie jar, proxy, TLS configuration and dialer serve websockets too.
func ExampleHTTPClient() {
	mux := http.NewServeMux()
	mux.Handle(Guestbook.Handler(serveGuestbook, &tandem.ServeOptions{
		Use: []func(http.Handler) http.Handler{countVisits},
	}))
	server := httptest.NewServer(mux)
	defer server.Close()

	jar, err := cookiejar.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	transport := tandem.HTTPClient(&http.Client{Jar: jar})
	ctx := context.Background()
	for range 2 {
		c, err := Guestbook.Dial(ctx, server.URL, Visitor{}, &tandem.DialOptions{Transport: transport})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Recv(ctx))
		c.Close(tandem.CodeNormal, "")
	}
	// Output:
	// pleased to meet you <nil>
	// you have been here 1 times <nil>
}
