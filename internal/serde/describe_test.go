package serde_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/serde"
)

type described struct {
	Zero struct{} `json:"zero"`
	embeddedID
	*Linked
	Name string            `json:"name,omitempty"`
	Key  [4]byte           `json:"key"`
	List []byte            `json:"list,format:array"`
	By   map[uint16]*int32 `json:"by"`
	At   time.Time
	Self *described
}

type embeddedID struct{ ID uint8 }

type Linked struct{ Span float32 }

func TestDescribe(t *testing.T) {
	s, err := serde.Describe(nil, reflect.TypeFor[described]())
	assert.NoError(t, err)
	assert.Equal(t, s.Kind, serde.ShapeStruct)
	type row struct {
		name, owner, goName string
		kind                serde.ShapeKind
		omitted             bool
	}
	var got []row
	for _, f := range s.Fields {
		got = append(got, row{f.Name, f.Owner.Name(), f.Struct.Name, f.Shape.Kind, f.Omitted})
	}
	assert.Equal(t, got, []row{
		{"zero", "described", "Zero", serde.ShapeStruct, false},
		{"ID", "embeddedID", "ID", serde.ShapeInt, false},
		{"Span", "Linked", "Span", serde.ShapeFloat, true},
		{"name", "described", "Name", serde.ShapeString, true},
		{"key", "described", "Key", serde.ShapeBytes, false},
		{"list", "described", "List", serde.ShapeByteList, false},
		{"by", "described", "By", serde.ShapeMap, false},
		{"At", "described", "At", serde.ShapeText, false},
		{"Self", "described", "Self", serde.ShapeOption, false},
	})
	assert.Equal(t, []int{s.Fields[4].Shape.Len, s.Fields[5].Shape.Len}, []int{4, -1})
	by := s.Fields[6].Shape
	assert.True(t, by.Key.Unsigned && by.Key.Bits == 16 && by.Elem.Elem.Bits == 32 && !by.Elem.Elem.Unsigned, "the numbers are what they are")
	assert.True(t, s.Fields[8].Shape.Elem == s, "a type that contains itself has a shape that does")
	_, err = serde.Describe(nil, reflect.TypeFor[struct{ C chan int }]())
	assert.Equal(t, err.Error(), "message.C: chan int cannot be a message")
}
