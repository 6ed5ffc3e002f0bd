// Package dioxus holds tests with a real Dioxus 0.7 as a peer: a server made of server functions and a native client
// that calls ours, both written in Rust with the released crate and nothing of our own between, and a page of it in a
// browser. Cargo.toml beside this file is theirs.
//
// The tests need cargo, and crates.io the first time: they build the programs in the user's cache directory, which takes
// some minutes. What a Go type must look like for a Rust type, and where the two cannot agree, is told in
// docs/dioxus.md; every row there names a test of this package.
package dioxus
