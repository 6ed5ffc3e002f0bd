//go:build js

package live

import "github.com/tandem-ws/tandem/internal/jsws"

// watchPage tells of what the browser knows of the network, and of who looks at the page.
func watchPage(tell func(kind)) (stop func()) {
	return jsws.Watch(func(n jsws.Notice) {
		tell(map[jsws.Notice]kind{jsws.Online: online, jsws.Offline: offline, jsws.Visible: visible}[n])
	})
}
