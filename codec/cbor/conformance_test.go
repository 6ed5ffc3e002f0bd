package cbor_test

import (
	"testing"

	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/tandemtest/codectest"
)

func TestConformance(t *testing.T) { codectest.RunStrict(t, cbor.Codec) }
