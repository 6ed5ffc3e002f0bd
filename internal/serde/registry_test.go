package serde_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/internal/serde"
)

type (
	animal  interface{ animal() }
	plant   interface{ plant() }
	cat     struct{ Name string }
	dog     struct{}
	rock    struct{}
	strange struct{ serde.Unknown }
	marked  struct{ cat }
	broken  struct{ F func() }
)

func (cat) animal()     {}
func (*dog) animal()    {}
func (strange) animal() {}
func (marked) animal()  {}
func (broken) plant()   {}

func TestRegister(t *testing.T) {
	iface := reflect.TypeFor[animal]()
	catType, dogType := reflect.TypeFor[cat](), reflect.TypeFor[*dog]()
	one := map[string]reflect.Type{"Cat": catType}
	for _, row := range []struct {
		u    serde.Union
		want string
	}{
		{serde.Union{}, "nil is not an interface"},
		{serde.Union{Interface: catType, Variants: one}, "serde_test.cat is not an interface"},
		{serde.Union{Interface: reflect.TypeFor[any](), Variants: one}, "without methods"},
		{serde.Union{Interface: iface}, "no variants"},
		{serde.Union{Interface: iface, Variants: map[string]reflect.Type{"": catType}}, "an empty tag, for serde_test.cat"},
		{serde.Union{Interface: iface, Variants: map[string]reflect.Type{"A": catType, "B": catType}}, "serde_test.cat has two tags, A and B"},
		{serde.Union{Interface: iface, Variants: map[string]reflect.Type{"A": nil}}, "variant A: nil"},
		{serde.Union{Interface: iface, Variants: map[string]reflect.Type{"A": reflect.TypeFor[rock]()}}, "variant A: serde_test.rock does not implement it"},
		{serde.Union{Interface: iface, Variants: map[string]reflect.Type{"A": reflect.TypeFor[dog]()}}, "variant A: serde_test.dog does not implement it"},
		{serde.Union{Interface: iface, Variants: map[string]reflect.Type{"A": iface}}, "variant A: serde_test.animal is an interface itself"},
		{serde.Union{Interface: iface, Variants: map[string]reflect.Type{"A": reflect.PointerTo(iface)}}, "variant A: *serde_test.animal points to no value"},
		{serde.Union{Interface: iface, Variants: one, Tagging: 7}, "unknown tagging"},
		{serde.Union{Interface: iface, Variants: one, TagKey: "t"}, "external tagging has no keys"},
		{serde.Union{Interface: iface, Variants: one, Tagging: serde.Adjacent, TagKey: "t"}, "needs both keys"},
		{serde.Union{Interface: iface, Variants: one, Tagging: serde.Adjacent, TagKey: "t", ContentKey: "t"}, "are equal: t"},
		{serde.Union{Interface: iface, Variants: one, Unknown: catType}, "both a variant and the type for unknown tags"},
		{serde.Union{Interface: iface, Variants: one, Unknown: reflect.TypeFor[rock]()}, "unknown: serde_test.rock does not implement it"},
		{serde.Union{Interface: iface, Variants: one, Unknown: reflect.TypeFor[marked]()}, "unknown: serde_test.marked does not embed Unknown"},
	} {
		if err := serde.Register(row.u); err == nil || !strings.HasPrefix(err.Error(), "union") || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got %v, want ...%s", err, row.want)
		}
	}
	if err := serde.Check(iface); err == nil {
		t.Error("a refused union was registered")
	}
	good := serde.Union{Interface: iface, Variants: map[string]reflect.Type{"Cat": catType, "Dog": dogType}, Unknown: reflect.TypeFor[strange]()}
	if err := serde.Register(good); err != nil {
		t.Fatal(err)
	}
	if err := serde.Check(iface); err != nil {
		t.Errorf("after a check that failed: %v", err)
	}
	if err := serde.Register(good); err == nil || err.Error() != "union serde_test.animal: registered twice" {
		t.Errorf("twice: %v", err)
	}
	if err := serde.Register(serde.Union{Interface: reflect.TypeFor[plant](), Variants: map[string]reflect.Type{"B": reflect.TypeFor[broken]()}}); err != nil {
		t.Fatal(err)
	}
	if err := serde.Check(reflect.TypeFor[[]plant]()); err == nil || err.Error() != "message[](B).F: func() cannot be a message" {
		t.Errorf("a variant that cannot be a message: %v", err)
	}
}
