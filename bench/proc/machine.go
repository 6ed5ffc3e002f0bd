package proc

import (
	"bytes"
	"cmp"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine describes where results come from.
type Machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	MemoryMB int    `json:"memory_mb"`
	System   string `json:"system"`
	Go       string `json:"go"`
}

// ThisMachine describes this one.
func ThisMachine() Machine {
	m := Machine{CPU: "unknown", Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	m.CPU = cmp.Or(value("/proc/cpuinfo", "model name"), m.CPU)
	if kb, err := strconv.Atoi(strings.TrimSuffix(value("/proc/meminfo", "MemTotal"), " kB")); err == nil {
		m.MemoryMB = kb >> 10
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		release, _, _ := strings.Cut(strings.TrimSpace(string(b)), "-")
		m.System += ", Linux " + release
	}
	return m
}

// value finds "key : value" in a file of such lines.
func value(file, key string) string {
	b, err := os.ReadFile(file) //nolint:gosec // one of two files of the kernel
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(b) {
		k, v, ok := strings.Cut(string(line), ":")
		if ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
