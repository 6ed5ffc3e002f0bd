package serde

import "reflect"

// any writes what an interface without methods holds, by its dynamic type.
func (e *encoder) any(b []byte, v any) (_ []byte, err error) {
	switch v := v.(type) {
	case nil:
		b = e.f.AppendNull(b)
	case bool:
		b = e.f.AppendBool(b, v)
	case string:
		b, err = e.f.AppendText(b, v)
	case int:
		b = e.f.AppendInt(b, int64(v))
	case int64:
		b = e.f.AppendInt(b, v)
	case uint64:
		b = e.f.AppendUint(b, v)
	case float64:
		b, err = e.f.AppendFloat(b, v, 64)
	case []byte:
		b = e.f.AppendBytes(b, v)
	default:
		return e.dynamic(b, reflect.ValueOf(v))
	}
	return b, err
}

func (e *encoder) dynamic(b []byte, v reflect.Value) ([]byte, error) {
	t := v.Type()
	n, err := e.c.plans.plan(reflect.PointerTo(t))
	if err != nil {
		return b, encodeError(err.Error())
	}
	if t.Kind() == reflect.Pointer {
		// A pointer in an interface that points to an interface can lead back here without a list or map between.
		if err := e.enter(); err != nil {
			return b, err
		}
		defer func() { e.depth-- }()
		if v.IsNil() {
			return e.f.AppendNull(b), nil
		}
		return e.value(b, n.elem, refOf(v))
	}
	p := reflect.New(t)
	p.Elem().Set(v)
	return e.value(b, n, refOf(p))
}
