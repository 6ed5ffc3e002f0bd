package typescript_test

import (
	"os/exec"
	"testing"

	"github.com/tandem-ws/tandem/internal/assert"
)

// The client's tests are compiled with what is generated from package api today.
func TestGenerated(t *testing.T) {
	gen := exec.CommandContext(t.Context(), "go", "run", "github.com/tandem-ws/tandem/cmd/tandem",
		"gen", "ts", "-check", "-o", "../../clients/typescript/test/api.gen.ts", "./api")
	out, err := gen.CombinedOutput()
	assert.NoError(t, err, "%s", out)
}
