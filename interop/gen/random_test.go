package gen_test

import (
	"math/big"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/interop/gen/api"
)

// variants of the unions that random values are made of.
var variants = map[reflect.Type]tandem.UnionType{
	reflect.TypeFor[api.Event]():     api.Events,
	reflect.TypeFor[api.OpenEvent](): api.Opens,
	reflect.TypeFor[api.Shape]():     api.Shapes,
}

// fill makes a random value of v, which nests no deeper than depth.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<33), r.Int64N(1e9)).UTC()))
		return
	case reflect.TypeFor[big.Int]():
		v.Set(reflect.ValueOf(new(big.Int).Lsh(big.NewInt(r.Int64()-1<<62), uint(r.IntN(100)))).Elem())
		return
	case reflect.TypeFor[api.Role]():
		v.SetString([]string{"admin", "guest"}[r.IntN(2)])
		return
	case reflect.TypeFor[api.Level]():
		v.SetInt(r.Int64N(3))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString([]string{"", "text", "ü\u2028\"\\", "__proto__", "null"}[r.IntN(5)])
	case reflect.Float32, reflect.Float64:
		v.SetFloat(r.NormFloat64() * 1e10)
	case reflect.Pointer:
		if depth > 0 && r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth-1)
		}
	case reflect.Slice:
		if depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		}
		for i := range v.Len() {
			fill(r, v.Index(i), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(4) {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, k, depth-1)
			fill(r, e, depth-1)
			v.SetMapIndex(k, e)
		}
	case reflect.Struct:
		for _, f := range v.Fields() {
			fill(r, f, depth-1)
		}
	case reflect.Interface:
		fillInterface(r, v, depth)
	default:
		fillInt(r, v)
	}
}

func fillInt(r *rand.Rand, v reflect.Value) {
	bits := v.Type().Bits()
	n := []uint64{0, 1, 1<<(bits-1) - 1, 1 << (bits - 1), r.Uint64()}[r.IntN(5)]
	if v.CanInt() {
		v.SetInt(int64(n<<(64-bits)) >> (64 - bits))
	} else {
		v.SetUint(n << (64 - bits) >> (64 - bits))
	}
}

func fillInterface(r *rand.Rand, v reflect.Value, depth int) {
	union, ok := variants[v.Type()]
	if !ok {
		v.Set(reflect.ValueOf([]any{"text", 1.5, true, map[string]any{"a": nil}, []any{}}[r.IntN(5)]))
		return
	}
	if v.Type() == reflect.TypeFor[api.OpenEvent]() && r.IntN(3) == 0 {
		data := []string{"", `{"a":1}`, "7"}[r.IntN(3)]
		v.Set(reflect.ValueOf(api.Other{Unknown: tandem.Unknown{Tag: "New", Codec: "json", Data: []byte(data)}}))
		return
	}
	var types []reflect.Type
	for _, t := range union.Variants() {
		types = append(types, t)
	}
	t := types[r.IntN(len(types))]
	e := reflect.New(t).Elem()
	if t.Kind() == reflect.Pointer {
		e.Set(reflect.New(t.Elem()))
		fill(r, e.Elem(), depth-1)
	} else {
		fill(r, e, depth-1)
	}
	v.Set(e)
}
