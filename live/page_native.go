//go:build !js

package live

// watchPage tells of what a browser knows: elsewhere there is nothing to know.
func watchPage(func(kind)) (stop func()) { return func() {} }
