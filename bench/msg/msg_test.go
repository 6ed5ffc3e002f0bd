package msg_test

import (
	"testing"

	"github.com/tandem-ws/tandem/bench/msg"
)

// TestEcho_everyCodecTakesOurs sends the load generator's messages, which are encoded by this repository's codecs,
// through every codec a server may use.
func TestEcho_everyCodecTakesOurs(t *testing.T) {
	for _, name := range msg.CodecNames() {
		for _, message := range msg.Messages {
			ours := msg.Codecs[msg.Ours(name)]
			sent, err := msg.Encode(ours, message)
			if err != nil {
				t.Fatal(err)
			}
			answer := msg.Echo(msg.Codecs[name], message)()
			back, err := answer(nil, sent)
			if err != nil {
				t.Errorf("%s %s: %v", name, message, err)
				continue
			}
			again, err := msg.Echo(ours, message)()(nil, back)
			if err != nil || string(again) != string(sent) {
				t.Errorf("%s %s: %q, %v", name, message, again, err)
			}
		}
	}
}

func TestEncode_sizes(t *testing.T) {
	for message, bounds := range map[string][2]int{"small": {30, 40}, "ten": {280, 400}, "big": {50 << 10, 64 << 10}} {
		b, err := msg.Encode(msg.Codecs["json"], message)
		if err != nil || len(b) < bounds[0] || len(b) > bounds[1] {
			t.Errorf("%s: %d bytes, %v; want %v", message, len(b), err, bounds)
		}
	}
}
