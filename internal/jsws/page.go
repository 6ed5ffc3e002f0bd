//go:build js

package jsws

import (
	"errors"
	"sync"
	"syscall/js"

	"github.com/tandem-ws/tandem/internal/wire"
)

// errHidden is why the connections of a page are lost that the browser has kept for the way back.
var errHidden = errors.New("the page was left, and has come back")

// visible are the open connections of this page. When somebody leaves it they are closed: Chromium keeps the page in
// memory, open sockets and all, and the server would speak to nobody. Should the page come back they are lost, and
// only then: a program that opened another connection at once would do so in a page that is being left.
var visible pageConns

type pageConns struct {
	mu     sync.Mutex
	conns  map[*Conn]struct{}
	window js.Value
	on     js.Func // the listener, while there are connections
}

// pageEvents are what a window tells of the coming and going of its page. Workers and node have none.
var pageEvents = [...]string{"pagehide", "pageshow"}

func (p *pageConns) add(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.conns) == 0 {
		if p.window = js.Global().Get("window"); !p.window.Truthy() {
			return
		}
		p.conns = map[*Conn]struct{}{}
		p.on = js.FuncOf(p.event)
		for _, t := range pageEvents {
			p.window.Call("addEventListener", t, p.on)
		}
	}
	p.conns[c] = struct{}{}
}

func (p *pageConns) remove(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.conns[c]; !ok {
		return
	}
	delete(p.conns, c)
	if len(p.conns) > 0 {
		return
	}
	for _, t := range pageEvents {
		p.window.Call("removeEventListener", t, p.on)
	}
	p.on.Release()
}

func (p *pageConns) event(_ js.Value, args []js.Value) any {
	defer func() { _ = recover() }() // it must not end the program, and each connection has its own end
	hide := args[0].Get("type").String() == "pagehide"
	kept := args[0].Get("persisted").Truthy() // if the browser can
	for _, c := range p.all() {
		if hide {
			c.hide(kept)
		} else {
			c.show()
		}
	}
	return nil
}

func (p *pageConns) all() []*Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*Conn, 0, len(p.conns))
	for c := range p.conns {
		all = append(all, c)
	}
	return all
}

// hide closes the connection of a page that is left. A session outlives that if the page is kept: of any other nobody
// comes back.
func (c *Conn) hide(kept bool) {
	c.mu.Lock()
	if c.state != open {
		c.mu.Unlock()
		return
	}
	c.state, c.err, c.hidden = closing, wire.Lost(errHidden), true
	code := wire.CodeNormal
	if c.own != nil && kept {
		code = wire.CodeLeft
	}
	c.mu.Unlock()
	c.shut(code, "")
}

// show tells that the connection is lost, in a page that has come back.
func (c *Conn) show() {
	c.mu.Lock()
	hidden := c.hidden
	c.mu.Unlock()
	if hidden {
		c.finish(wire.Lost(errHidden))
	}
}
