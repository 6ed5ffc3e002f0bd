// Package object writes JSON objects whose members keep their order, so that what is generated reads in the order in which
// somebody would have written it, and is the same each time.
package object

import (
	"bytes"
	"encoding/json"
)

// Object is a JSON object. The zero value is an empty one.
type Object struct{ members []member }

type member struct {
	name  string
	value any
}

// Number is a number with all its digits.
type Number = json.Number

// New makes an object of names and values in turn.
func New(members ...any) *Object {
	o := &Object{}
	for i := 0; i < len(members); i += 2 {
		o.Set(members[i].(string), members[i+1])
	}
	return o
}

// Set sets a member. A new one comes last.
func (o *Object) Set(name string, value any) {
	for i := range o.members {
		if o.members[i].name == name {
			o.members[i].value = value
			return
		}
	}
	o.members = append(o.members, member{name, value})
}

// Get gives a member, or nil.
func (o *Object) Get(name string) any {
	for _, m := range o.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// Empty reports whether there are no members.
func (o *Object) Empty() bool { return len(o.members) == 0 }

// MarshalJSON writes the members in order.
func (o *Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []any{m.name, m.value} {
			if j == 1 {
				b.WriteByte(':')
			}
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(v); err != nil {
				return nil, err
			}
			b.Truncate(b.Len() - 1) // the line's end
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Indent writes the object as a file.
func (o *Object) Indent() ([]byte, error) {
	text, err := o.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
