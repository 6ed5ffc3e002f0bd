package serde

import (
	"reflect"
	"sync"
)

// Coder encodes and decodes messages in one format. It is safe for concurrent use.
type Coder struct {
	format   Format
	textual  bool
	lists    bool
	plans    *plans
	maxDepth int
	inputs   *sync.Pool // of *input
}

// input is what a message is read with.
type input struct {
	r     Reader
	texts texts
}

// NewCoder makes a coder. maxDepth is how deep lists and maps may nest; zero or less means DefaultMaxDepth.
func NewCoder(f Format, maxDepth int) *Coder {
	if maxDepth <= 0 {
		maxDepth = DefaultMaxDepth
	}
	return &Coder{
		format:   f,
		textual:  f.Textual(),
		lists:    f.ListStructs(),
		plans:    &plans{format: f},
		maxDepth: maxDepth,
		inputs:   &sync.Pool{New: func() any { return &input{r: f.NewReader()} }},
	}
}

// Name is the format's name.
func (c *Coder) Name() string { return c.format.Name() }

// Format is the coder's format, for what stands around messages.
func (c *Coder) Format() Format { return c.format }

// MaxDepth is how deep lists and maps may nest in a message.
func (c *Coder) MaxDepth() int { return c.maxDepth }

// Check is the package's Check for this coder's format: types that have a form of their own in it are let pass.
func (c *Coder) Check(t reflect.Type) error {
	if t == nil {
		return Check(t)
	}
	_, err := c.plans.plan(reflect.PointerTo(t))
	return err
}

// Append appends the encoding of what v points to. v that is not a non-nil pointer is an error. On error the returned
// slice is dst as it was.
func (c *Coder) Append(dst []byte, v any) ([]byte, error) {
	n, p, err := c.enter(v)
	if err != nil {
		return dst, err
	}
	e := encoder{f: c.format, textual: c.textual, max: c.maxDepth, c: c}
	b, err := e.value(dst, n, p)
	if err != nil {
		return dst, c.name(err)
	}
	return b, nil
}

// Decode decodes the one message in src into what v points to. v that is not a non-nil pointer is an error. After an
// error *v may be filled in part.
func (c *Coder) Decode(src []byte, v any) error {
	n, p, err := c.enter(v)
	if err != nil {
		return err
	}
	in := c.inputs.Get().(*input)
	in.r.Reset(src, 0, c.maxDepth)
	d := decoder{r: in.r, texts: &in.texts, c: c, listStructs: c.lists, textual: c.textual, size: len(src), budget: budget(len(src))}
	err = d.value(n, p)
	if err == nil {
		err = in.r.End()
	}
	in.r.Reset(nil, 0, 0)
	c.inputs.Put(in)
	if err != nil {
		return c.name(err)
	}
	return nil
}

func (c *Coder) enter(v any) (*node, ref, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return nil, nil, &Error{Codec: c.format.Name(), Msg: "not a pointer to a message", offset: -1}
	}
	n, err := c.plans.plan(rv.Type())
	if err != nil {
		return nil, nil, &Error{Codec: c.format.Name(), Msg: err.Error(), offset: -1}
	}
	return n, refOf(rv), nil
}

func (c *Coder) name(err error) error {
	e, ok := err.(*Error)
	if !ok {
		e = &Error{Msg: err.Error(), Err: err, offset: -1}
	}
	e.Codec = c.format.Name()
	return e
}
