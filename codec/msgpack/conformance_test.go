package msgpack_test

import (
	"testing"

	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/tandemtest/codectest"
)

func TestConformance(t *testing.T) { codectest.RunStrict(t, msgpack.Codec) }
