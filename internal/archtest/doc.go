// Package archtest checks which package may import which. The table of rules in rules_test.go is the import
// direction of docs/architecture.md in a form that fails; each rule carries the reason that a failure prints.
//
// It consists of tests only: nothing imports it.
package archtest
