package api_test

import (
	"os/exec"
	"testing"

	"github.com/tandem-ws/tandem/examples/chat/api"
	"github.com/tandem-ws/tandem/internal/assert"
)

func TestChat(t *testing.T) { assert.NoError(t, api.Chat.Check()) }

// The page's file is what go generate writes.
func TestGenerated(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "run", "github.com/tandem-ws/tandem/cmd/tandem", "gen", "ts", "-check", "-o", "../web/src/api.gen.ts", ".")
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "go generate ./examples/chat/api: "+string(out))
}
