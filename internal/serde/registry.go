package serde

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
)

// Tagging is how a union puts a variant's name beside its content.
type Tagging uint8

const (
	// External tagging is {"Tag": content}, and the bare text "Tag" for a variant without fields.
	External Tagging = iota
	// Adjacent tagging is {"type": "Tag", "data": content}, without data for a variant without fields.
	Adjacent
)

// The keys of adjacent tagging when a union names none.
const (
	DefaultTagKey     = "type"
	DefaultContentKey = "data"
)

// Union declares an interface type as one of several variants.
type Union struct {
	// Interface is the interface type.
	Interface reflect.Type
	// Variants maps each tag to its type: a type or a pointer to one, which implements Interface. Decoding gives
	// exactly the type named here.
	Variants map[string]reflect.Type
	// Tagging is the shape on the wire.
	Tagging Tagging
	// TagKey and ContentKey are the keys of adjacent tagging. Both empty means "type" and "data".
	TagKey, ContentKey string
	// Unknown is the type for tags not in Variants: a struct that embeds [Unknown], or a pointer to one, which
	// implements Interface. nil means that an unknown tag is an error.
	Unknown reflect.Type
}

var registry struct {
	sync.RWMutex // guards m
	m            map[reflect.Type]*Union
}

func lookup(t reflect.Type) *Union {
	registry.RLock()
	defer registry.RUnlock()
	return registry.m[t]
}

// Register makes u known to every codec. It refuses a union that could not work: no interface, no variants, an empty
// tag, a type under two tags, a variant that is nil, does not implement the interface or is an interface itself, keys
// that are equal or half given, and an interface that is registered already. Whether the variants' own types can be
// messages is left to [Check], because they may use unions registered later.
func Register(u Union) error {
	if u.Interface == nil || u.Interface.Kind() != reflect.Interface {
		return errors.New("union: " + typeName(u.Interface) + " is not an interface")
	}
	name := "union " + u.Interface.String() + ": "
	if u.Interface.NumMethod() == 0 {
		return errors.New(name + "an interface without methods seals nothing")
	}
	if len(u.Variants) == 0 {
		return errors.New(name + "no variants")
	}
	u.Variants = maps.Clone(u.Variants)
	tags := map[reflect.Type]string{}
	for _, tag := range slices.Sorted(maps.Keys(u.Variants)) {
		t := u.Variants[tag]
		if tag == "" {
			return errors.New(name + "an empty tag, for " + typeName(t))
		}
		if err := checkVariant(u.Interface, t); err != nil {
			return errors.New(name + "variant " + tag + ": " + err.Error())
		}
		if other, ok := tags[t]; ok {
			return errors.New(name + t.String() + " has two tags, " + other + " and " + tag)
		}
		tags[t] = tag
	}
	if u.Unknown != nil {
		if _, ok := tags[u.Unknown]; ok {
			return errors.New(name + u.Unknown.String() + " is both a variant and the type for unknown tags")
		}
		if err := checkVariant(u.Interface, u.Unknown); err != nil {
			return errors.New(name + "unknown: " + err.Error())
		}
		if _, ok := unknownField(u.Unknown); !ok {
			return errors.New(name + "unknown: " + u.Unknown.String() + " does not embed Unknown")
		}
	}
	if err := u.keys(); err != nil {
		return errors.New(name + err.Error())
	}
	registry.Lock()
	defer registry.Unlock()
	if registry.m[u.Interface] != nil {
		return errors.New(name + "registered twice")
	}
	if registry.m == nil {
		registry.m = map[reflect.Type]*Union{}
	}
	registry.m[u.Interface] = &u
	return nil
}

func (u *Union) keys() error {
	switch {
	case u.Tagging > Adjacent:
		return errors.New("unknown tagging")
	case u.Tagging == External && (u.TagKey != "" || u.ContentKey != ""):
		return errors.New("external tagging has no keys")
	case u.Tagging == External:
		return nil
	case u.TagKey == "" && u.ContentKey == "":
		u.TagKey, u.ContentKey = DefaultTagKey, DefaultContentKey
		return nil
	case u.TagKey == "" || u.ContentKey == "":
		return errors.New("adjacent tagging needs both keys")
	case u.TagKey == u.ContentKey:
		return errors.New("the keys of adjacent tagging are equal: " + u.TagKey)
	}
	return nil
}

func checkVariant(iface, t reflect.Type) error {
	switch {
	case t == nil:
		return errors.New("nil")
	case t.Kind() == reflect.Interface:
		return errors.New(t.String() + " is an interface itself")
	case t.Kind() == reflect.Pointer && (t.Elem().Kind() == reflect.Interface || t.Elem().Kind() == reflect.Pointer):
		return errors.New(t.String() + " points to no value")
	case !t.Implements(iface):
		return errors.New(t.String() + " does not implement it")
	}
	return nil
}

// unknownField finds the embedded Unknown in a struct or in what a pointer points to.
func unknownField(t reflect.Type) (off uintptr, ok bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return 0, false
	}
	for f := range t.Fields() {
		if f.Anonymous && f.Type == unknownType {
			return f.Offset, true
		}
	}
	return 0, false
}

func typeName(t reflect.Type) string {
	if t == nil {
		return "nil"
	}
	return t.String()
}
