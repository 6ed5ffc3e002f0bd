// Package ws holds tests with the npm package ws, the most used websocket library of Node.js, as a peer that tandem
// knows nothing of: as a client of tandem's server and as a server to tandem's client. It speaks the JSON mode, one
// text frame of JSON for each message.
package ws
