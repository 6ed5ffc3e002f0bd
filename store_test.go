package tandem_test

import (
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/tandemtest/storetest"
)

func TestMemoryStore(t *testing.T) {
	open := func(*testing.T) tandem.Store { return &tandem.MemoryStore{} }
	storetest.RunWith(t, open, &storetest.Options{Bubble: true})
}

func TestMemoryStore_realTime(t *testing.T) {
	storetest.Run(t, func(*testing.T) tandem.Store { return &tandem.MemoryStore{} })
}
