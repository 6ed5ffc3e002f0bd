package json_test

import (
	"testing"

	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/tandemtest/codectest"
)

func TestConformance(t *testing.T) { codectest.RunStrict(t, json.Codec) }
