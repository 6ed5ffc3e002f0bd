//go:build !js

package wasm_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/wasm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 2 * time.Minute // for all of the tests in node

func TestNode(t *testing.T) {
	for _, program := range []string{"node", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			assert.Missing(t, "no "+program)
		}
	}
	server := wasm.NewServer()
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, server.Stop(ctx))
	}()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	node := exec.CommandContext(ctx, "bash", "../../internal/tools/wasm/exec", wasm.Build(t, wasm.Package), "-test.v", "-test.skip="+wasm.Leaving)
	node.Env = append(os.Environ(), wasm.ServerVar+"="+server.URL)
	out, err := node.StdoutPipe()
	assert.NoError(t, err)
	node.Stderr = node.Stdout
	assert.NoError(t, node.Start())
	assert.NoError(t, wasm.Report(t, out))
	assert.NoError(t, node.Wait(), "node")
}
