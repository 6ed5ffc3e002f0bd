// Package typescript holds the test that follows docs/react.md, in an empty folder and a real browser. Beside it are an
// endpoint for each thing that can happen (api), and the server of them that the tests of clients/typescript connect to.
package typescript
