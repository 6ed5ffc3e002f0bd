// Package msg holds the messages of the typed workloads and the codecs that servers written by hand use for them: those
// of this repository, so that only the transport differs, and the popular ones of the field, for honesty.
package msg

import (
	"fmt"
	"strings"

	"github.com/tandem-ws/tandem"
)

// Small is a message of about 32 bytes in JSON.
type Small struct {
	ID   int    `json:"id" msgpack:"id"`
	Text string `json:"text" msgpack:"text"`
}

// Ten is a message of ten fields, about 300 bytes in JSON.
type Ten struct {
	ID       uint64   `json:"id" msgpack:"id"`
	Name     string   `json:"name" msgpack:"name"`
	Email    string   `json:"email" msgpack:"email"`
	Active   bool     `json:"active" msgpack:"active"`
	Score    float64  `json:"score" msgpack:"score"`
	Age      int      `json:"age" msgpack:"age"`
	Tags     []string `json:"tags" msgpack:"tags"`
	Counts   []int    `json:"counts" msgpack:"counts"`
	Location string   `json:"location" msgpack:"location"`
	Note     string   `json:"note" msgpack:"note"`
}

// Big is a list of records, nearly 64 KiB in JSON.
type Big struct {
	Records []Ten `json:"records" msgpack:"records"`
}

// Sample values of the messages.
var (
	SmallValue = Small{12345, "hello there"}
	TenValue   = Ten{
		ID: 9007199254740, Name: "Grace Brewster Hopper", Email: "grace.hopper@navy.example", Active: true, Score: 98.6421, Age: 85,
		Tags: []string{"compilers", "cobol", "navy"}, Counts: []int{1, 22, 333, 4444},
		Location: "Arlington, Virginia", Note: "It is often easier to ask for forgiveness than to ask for permission; a ship in port is safe, but that is not what ships are built for.",
	}
	BigValue = func() Big {
		var b Big
		for i := range 170 {
			t := TenValue
			t.ID += uint64(i)
			b.Records = append(b.Records, t)
		}
		return b
	}()
)

// Messages are the names of the message types, as they stand in paths.
var Messages = []string{"small", "ten", "big"}

// Answer appends the reply to a message to dst. It belongs to one connection.
type Answer func(dst, message []byte) ([]byte, error)

// Echo makes the Answer of a typed echo: decode into a value of the connection's own, and encode it again.
func Echo(codec tandem.Codec, message string) func() Answer {
	switch message {
	case "small":
		return echo[Small](codec)
	case "ten":
		return echo[Ten](codec)
	case "big":
		return echo[Big](codec)
	}
	panic("no message " + message)
}

func echo[T any](codec tandem.Codec) func() Answer {
	return func() Answer {
		v := new(T)
		return func(dst, message []byte) ([]byte, error) {
			var zero T
			*v = zero
			if err := codec.Decode(message, v); err != nil {
				return dst, err
			}
			return codec.Append(dst, v)
		}
	}
}

// Encode gives the sample of a message in a codec.
func Encode(codec tandem.Codec, message string) ([]byte, error) {
	switch message {
	case "small":
		v := SmallValue
		return codec.Append(nil, &v)
	case "ten":
		v := TenValue
		return codec.Append(nil, &v)
	case "big":
		v := BigValue
		return codec.Append(nil, &v)
	}
	return nil, fmt.Errorf("no message %q, only %s", message, strings.Join(Messages, ", "))
}
