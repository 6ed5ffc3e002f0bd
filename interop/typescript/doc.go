// Package typescript holds the test that follows docs/react.md, in an empty folder and a real browser, and one that what the
// client's tests are compiled with is generated from what is there. Beside it are an
// endpoint for each thing that can happen (api), and the server of them that the tests of clients/typescript connect to.
package typescript
