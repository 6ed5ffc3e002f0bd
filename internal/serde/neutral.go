package serde

import "reflect"

// neutral is the format of Check: it encodes nothing and has no forms of its own.
type neutral struct{}

func (neutral) Name() string                                           { return "any" }
func (neutral) Textual() bool                                          { return false }
func (neutral) ListStructs() bool                                      { return false }
func (neutral) AppendNull(b []byte) []byte                             { return b }
func (neutral) AppendBool(b []byte, _ bool) []byte                     { return b }
func (neutral) AppendInt(b []byte, _ int64) []byte                     { return b }
func (neutral) AppendUint(b []byte, _ uint64) []byte                   { return b }
func (neutral) AppendFloat(b []byte, _ float64, _ int) ([]byte, error) { return b, nil }
func (neutral) AppendText(b []byte, s string) ([]byte, error)          { return b, CheckText(s) }
func (neutral) AppendBytes(b []byte, _ []byte) []byte                  { return b }
func (neutral) AppendBig(b, _, _ []byte, _, _ bool) ([]byte, error)    { return b, nil }
func (neutral) OpenList(b []byte, _ int) []byte                        { return b }
func (neutral) OpenMap(b []byte, _ int) []byte                         { return b }
func (neutral) Custom(reflect.Type) (*Custom, error)                   { return nil, nil }
func (neutral) NewReader() Reader                                      { return nil }
