package tandem_test

import (
	"os"
	"strings"
	"testing"
)

// TestREADME keeps the README's example the program that is built and run.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```go\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("README.md has no Go example")
	}
	program, err := os.ReadFile("examples/hello/main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(program), "\npackage main\n")
	if "package main\n"+body != example {
		t.Error("README.md shows another program than examples/hello/main.go")
	}
}
