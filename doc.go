// Package tandem gives typed websockets shared by server and client.
package tandem
