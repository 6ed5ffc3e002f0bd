package live

import "github.com/tandem-ws/tandem"

// post is a message on its way to Send.
type post[Send any] struct {
	msg  Send
	done chan<- error
}

// maxPosts is how many messages wait at most, as many as in the queue of a connection.
const maxPosts = 256

// Post sends a message without waiting for anything, as the handler of an event must: a goroutine calls [Socket.Send] with
// one posted message after the other, in the order of the calls. The channel gets what Send has returned; nobody has to
// look. When 256 messages wait, it gets tandem.ErrQueueFull at once.
func (ws *Socket[Recv, Send]) Post(msg Send) <-chan error {
	done := make(chan error, 1)
	ws.posts.Lock()
	defer ws.posts.Unlock()
	if len(ws.posted) >= maxPosts {
		done <- tandem.ErrQueueFull
		return done
	}
	ws.posted = append(ws.posted, post[Send]{msg, done})
	if !ws.posting {
		ws.posting = true
		go ws.sendPosted()
	}
	return done
}

func (ws *Socket[Recv, Send]) sendPosted() {
	for {
		ws.posts.Lock()
		if len(ws.posted) == 0 {
			ws.posting, ws.posted = false, nil
			ws.posts.Unlock()
			return
		}
		p := ws.posted[0]
		ws.posted[0] = post[Send]{}
		ws.posted = ws.posted[1:]
		ws.posts.Unlock()
		p.done <- guard(func() error { return ws.Send(ws.m.life, p.msg) })
	}
}
