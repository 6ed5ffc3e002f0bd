package tandem_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/json"
)

var Mirror = &tandem.Endpoint[struct{}, string, string]{Path: "/mirror", Codec: json.Codec}

func serveMirror(ctx context.Context, _ struct{}, c *tandem.Conn[string, string]) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if msg == "stop" {
			return &tandem.CloseError{Code: tandem.CodeNormal, Reason: "as you wish"}
		}
		if err := c.Send(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// Raw shows the frames below the messages: what the codec wrote, pongs, the Close frame.
func ExampleRawConn() {
	mux := http.NewServeMux()
	mux.Handle(Mirror.Handler(serveMirror, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Mirror.Dial(ctx, server.URL, struct{}{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")

	raw := c.Raw()
	for _, f := range []tandem.Frame{
		{Kind: tandem.FrameBinary, Data: []byte(`"either kind is understood"`)},
		{Kind: tandem.FramePing, Data: []byte("are you there?")},
		{Kind: tandem.FrameText, Data: []byte(`"stop"`)},
	} {
		if err := raw.Send(ctx, f); err != nil {
			log.Fatal(err)
		}
	}
	for {
		f, err := raw.Recv(ctx)
		if err != nil {
			fmt.Println("end:", err)
			return
		}
		if f.Kind == tandem.FrameClose {
			fmt.Println(f.Kind, f.Code, string(f.Data))
			continue
		}
		fmt.Printf("%v %s\n", f.Kind, f.Data)
	}
	// Output:
	// text "either kind is understood"
	// pong are you there?
	// close 1000 as you wish
	// end: closed with 1000: "as you wish"
}
