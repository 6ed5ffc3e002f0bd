// Package web is the page of the chat example. Its sources are in src, of which api.gen.ts is made from package api.
package web
