package tandem_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/tandem-ws/tandem"
)

// XML is a codec over encoding/xml: anything that fulfils tandem.Codec is one. It keeps no state, so it is safe for
// concurrent use.
type XML struct{}

// Name is what a client offers as subprotocol to ask for this codec.
func (XML) Name() string { return "xml" }

// FrameKind is text, because XML is always valid UTF-8 here.
func (XML) FrameKind() tandem.FrameKind { return tandem.FrameText }

// Append appends to dst, in front of which the frame's header will stand: it must not return a slice of its own.
func (XML) Append(dst []byte, v any) ([]byte, error) {
	buf := bytes.NewBuffer(dst)
	err := xml.NewEncoder(buf).Encode(v)
	return buf.Bytes(), err
}

// Decode takes all of src as one message: what is left over is an error.
func (XML) Decode(src []byte, v any) error {
	d := xml.NewDecoder(bytes.NewReader(src))
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("xml: bytes behind the message")
	}
	return nil
}

type Reading struct {
	XMLName struct{} `xml:"reading"`
	Sensor  string   `xml:"sensor,attr"`
	Celsius float64  `xml:"celsius"`
}

var Readings = &tandem.Endpoint[struct{}, struct{}, Reading]{Path: "/readings", Codec: XML{}}

func serveReadings(ctx context.Context, _ struct{}, c *tandem.Conn[struct{}, Reading]) error {
	return c.Send(ctx, Reading{Sensor: "roof", Celsius: 21.5})
}

// A codec of one's own. tandemtest/codectest checks such a codec.
func ExampleCodec() {
	mux := http.NewServeMux()
	mux.Handle(Readings.Handler(serveReadings, nil))
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx := context.Background()
	c, err := Readings.Dial(ctx, server.URL, struct{}{}, &tandem.DialOptions{Codec: XML{}}) // ask for it by name
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close(tandem.CodeNormal, "")
	fmt.Println("negotiated:", c.Subprotocol())

	f, err := c.Raw().Recv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v frame: %s\n", f.Kind, f.Data)
	// Output:
	// negotiated: xml
	// text frame: <reading sensor="roof"><celsius>21.5</celsius></reading>
}
