//go:build !js

package tandem

import (
	"context"
	"reflect"
)

// values gives ctx without the layers around it that only cancel, if there are any. net/http puts two around each
// request, and as a parent they would stay in memory as long as the connection: 240 bytes, though context.WithoutCancel
// is deaf to them.
func values(ctx context.Context) (inner context.Context, stripped bool) {
	if cancelLayer == nil || reflect.TypeOf(ctx) != cancelLayer {
		return ctx, false
	}
	inner, _ = values(reflect.ValueOf(ctx).Elem().Field(0).Interface().(context.Context))
	return inner, true
}

// cancelLayer is the type of what context.WithCancel makes, if that is a struct that begins with the embedded parent,
// as it is in Go 1.26; else nil.
var cancelLayer = func() reflect.Type {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	t := reflect.TypeOf(ctx)
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct || t.Elem().NumField() == 0 {
		return nil
	}
	if parent := t.Elem().Field(0); !parent.Anonymous || parent.Type != reflect.TypeFor[context.Context]() {
		return nil
	}
	return t
}()

// over is a context that has been cancelled, and still has its values.
type over struct{ context.Context }

func (over) Done() <-chan struct{} { return isOver }
func (over) Err() error            { return context.Canceled }

var isOver = func() chan struct{} { c := make(chan struct{}); close(c); return c }()
