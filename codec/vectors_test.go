package codec_test

import (
	"bytes"
	"encoding/hex"
	stdjson "encoding/json"
	"errors"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

// How many cases the vectors hold, so that none gets lost when a file is edited.
const (
	valueCases       = 124
	acceptCases      = 190
	queryWritten     = 26
	queryParsed      = 51
	pathsExtracted   = 17
	pathsBuilt       = 14
	hostileCases     = 317
	postcardOnlyRows = 21
)

var codecs = map[string]tandem.Codec{"json": json.Codec, "cbor": cbor.Codec, "msgpack": msgpack.Codec}

// valueCase is one row of values.json.
type valueCase struct {
	Name, Rust, Value string

	Go        string
	GoCBOR    string `json:"go_cbor"`
	GoMsgPack string `json:"go_msgpack"`
	GoWhy     string `json:"go_why"`

	JSON, CBOR, MsgPack, Postcard *string

	Refused map[string]string
	Tandem  map[string]difference
}

// difference is what tandem does with a value that the Rust encoder does otherwise.
type difference struct {
	Read  string  // "refuse"
	Reads *string // the value read, where it is another one
	Write string  // "refuse"

	Writes       *string
	Rule         string // why the Rust decoder reads what we write
	RefusedThere bool   `json:"refused_there"` // it does not
	Why          string
}

// in gives the Go type and the encoding in a codec.
func (c valueCase) in(codec string) (goType string, encoded *string) {
	switch codec {
	case "cbor":
		return or(c.GoCBOR, c.Go), c.CBOR
	case "msgpack":
		return or(c.GoMsgPack, c.Go), c.MsgPack
	}
	return c.Go, c.JSON
}

// text gives the text goValues knows the value by: what serde_json writes, but for numbers JSON does not have.
func (c valueCase) text() string {
	if strings.HasPrefix(c.Go, "float") && *c.JSON == "null" {
		return c.Value
	}
	return *c.JSON
}

func TestVectors_values_read(t *testing.T) {
	eachValue(t, func(t *testing.T, c valueCase, codec, goType, encoded string) {
		d := c.Tandem[codec]
		text := c.text()
		if d.Reads != nil {
			text = *d.Reads
		}
		input := payload(t, codec, encoded)
		v, err := decode(codec, goType, input)
		if d.Read == "refuse" {
			checkRefusal(t, err, len(input))
			return
		}
		assert.NoError(t, err, "decode %s", encoded)
		checkSame(t, v, goValue(t, goType, text))
	})
}

// What we write is what the Rust encoder writes, or is recorded with the rule by which the Rust decoder reads it too.
// The rules are explained in values.json.
func TestVectors_values_write(t *testing.T) {
	eachValue(t, func(t *testing.T, c valueCase, codec, goType, encoded string) {
		d := c.Tandem[codec]
		p := reflect.New(goTypes[goType])
		if v := goValue(t, goType, c.text()); v != nil {
			p.Elem().Set(reflect.ValueOf(v))
		}
		const prefix = "before"
		got, err := codecs[codec].Append([]byte(prefix), p.Interface())
		if d.Write == "refuse" {
			if err == nil {
				t.Fatalf("wrote %s, want an error", spell(codec, got[len(prefix):]))
			}
			return
		}
		assert.NoError(t, err)
		if !bytes.HasPrefix(got, []byte(prefix)) {
			t.Fatalf("wrote over what was in the buffer: %q", got)
		}
		want := encoded
		if d.Writes != nil {
			want = *d.Writes
		}
		if spelled := spell(codec, got[len(prefix):]); spelled != want {
			t.Fatalf("wrote %s\n want %s\n Rust %s", spelled, want, encoded)
		}
	})
}

// eachValue runs a subtest for every value, codec by codec, that has an encoding and a Go type.
func eachValue(t *testing.T, run func(t *testing.T, c valueCase, codec, goType, encoded string)) {
	for _, c := range loadValues(t).Cases {
		for _, codec := range []string{"json", "cbor", "msgpack"} {
			goType, encoded := c.in(codec)
			if goType == "" || encoded == nil {
				continue
			}
			t.Run(codec+"/"+c.Name, func(t *testing.T) { run(t, c, codec, goType, *encoded) })
		}
	}
}

// acceptCase is one row of accept.json.
type acceptCase struct {
	Codec, Rust, Go, Input string

	Value   *string
	Refused string

	Tandem      string
	TandemValue *string `json:"tandem_value"`
	Why         string
}

func TestVectors_accept(t *testing.T) {
	for _, c := range loadAccept(t) {
		if c.Codec == "postcard" {
			continue
		}
		t.Run(c.Codec+"/"+c.Rust+"/"+c.Input, func(t *testing.T) {
			input := payload(t, c.Codec, c.Input)
			v, err := decode(c.Codec, c.Go, input)
			if c.Tandem == "refuse" {
				checkRefusal(t, err, len(input))
				return
			}
			assert.NoError(t, err)
			want := c.Value
			if c.TandemValue != nil {
				want = c.TandemValue
			}
			checkSame(t, v, goValue(t, c.Go, *want))
		})
	}
}

// hostileCase is one row of hostile.json.
type hostileCase struct {
	Codec, Name, Go, Verdict, Reason string

	Input []inputPart
	Value *string
}

// inputPart is a piece of an input, repeated.
type inputPart struct {
	Text, Hex string
	Times     int
}

func TestVectors_hostile(t *testing.T) {
	for _, c := range loadHostile(t) {
		t.Run(c.Codec+"/"+c.Name, func(t *testing.T) {
			var input []byte
			for _, p := range c.Input {
				piece := []byte(p.Text)
				if p.Hex != "" {
					piece = payload(t, "cbor", p.Hex)
				}
				input = append(input, bytes.Repeat(piece, max(p.Times, 1))...)
			}
			// The plan of the type is made once and is not the message's fault.
			_, _ = decode(c.Codec, c.Go, nil)

			before := memory().TotalAlloc
			v, err := decode(c.Codec, c.Go, input)
			if cost, most := memory().TotalAlloc-before, uint64(1<<20+64*len(input)); cost > most {
				t.Errorf("%d bytes of input cost %d bytes of memory, more than %d", len(input), cost, most)
			}
			if c.Verdict == "refuse" {
				checkRefusal(t, err, len(input))
				return
			}
			assert.NoError(t, err)
			if c.Value != nil {
				checkSame(t, v, goValue(t, c.Go, *c.Value))
			}
		})
	}
}

// A 128-bit integer has no sign of its own in MsgPack: the type says how its 16 bytes are read.
func TestVectors_unsigned128(t *testing.T) {
	type unsigned struct {
		N big.Int `json:"n,format:u128"`
	}
	largest, _ := new(big.Int).SetString("340282366920938463463374607431768211455", 10)
	for _, c := range loadValues(t).Cases {
		if c.Name != "int/u128/max" {
			continue
		}
		for codec, head := range map[string]string{"json": `{"n":`, "cbor": "a1616e", "msgpack": "81a16e"} {
			t.Run(codec, func(t *testing.T) {
				_, encoded := c.in(codec)
				want := head + *encoded
				if codec == "json" {
					want += "}"
				}
				var v unsigned
				assert.NoError(t, codecs[codec].Decode(payload(t, codec, want), &v))
				checkSame(t, &v.N, largest)
				got, err := codecs[codec].Append(nil, &v)
				assert.NoError(t, err)
				assert.Equal(t, spell(codec, got), want)
			})
		}
	}
}

func TestVectors_complete(t *testing.T) {
	values := loadValues(t)
	assert.Equal(t, len(values.Cases), valueCases, "values.json")
	names, rules := map[string]bool{}, map[string]bool{}
	for _, c := range values.Cases {
		if names[c.Name] {
			t.Errorf("values.json: %s comes twice", c.Name)
		}
		names[c.Name] = true
		if (c.Go == "") != (c.GoWhy != "") {
			t.Errorf("values.json: %s: a Go type or the reason why there is none", c.Name)
		}
		for codec, d := range c.Tandem {
			_, encoded := c.in(codec)
			for rule := range strings.SplitSeq(d.Rule, ", ") {
				if rules[rule] = true; rule != "" && values.Rules[rule] == "" {
					t.Errorf("values.json: %s: no such rule: %s", c.Name, rule)
				}
			}
			if d.Writes != nil && (*d.Writes == *encoded || d.RefusedThere == (d.Rule != "")) {
				t.Errorf("values.json: %s: what %s writes needs a rule or is refused there", c.Name, codec)
			}
			if (d.Read == "refuse" || d.Reads != nil || d.Write == "refuse" || d.RefusedThere) && d.Why == "" {
				t.Errorf("values.json: %s: %s: no reason given", c.Name, codec)
			}
		}
	}
	for rule := range values.Rules {
		if !rules[rule] {
			t.Errorf("values.json: rule %s is not used", rule)
		}
	}

	accept := loadAccept(t)
	assert.Equal(t, len(accept), acceptCases, "accept.json")
	postcard := 0
	for _, c := range accept {
		verdict := "refuse"
		if c.Value != nil {
			verdict = "accept"
		}
		switch {
		case (c.Value == nil) == (c.Refused == ""):
			t.Errorf("accept.json: %s %s %s: a value or the reason of the refusal", c.Codec, c.Rust, c.Input)
		case c.Codec == "postcard":
			postcard++
		case c.Tandem != "accept" && c.Tandem != "refuse", (c.Tandem != verdict || c.TandemValue != nil) != (c.Why != ""):
			t.Errorf("accept.json: %s %s %s: a verdict, with its reason where it differs", c.Codec, c.Rust, c.Input)
		}
	}
	assert.Equal(t, postcard, postcardOnlyRows, "accept.json: rows of postcard")
	assert.Equal(t, len(loadHostile(t)), hostileCases, "hostile.json")
}

// The query and path vectors are used by the package that binds parameters. Here they are only counted.
func TestVectors_query_complete(t *testing.T) {
	var query struct {
		About string
		Types map[string]struct {
			Rust string
			Go   *string
			Why  string
		}
		Written []struct {
			Name, Type, Value, Query, Refused, Tandem, Why string
		}
		Parsed []struct {
			Type, Query, Refused, Tandem, Why string
			Value                             *string
			TandemValue                       *string `json:"tandem_value"`
		}
	}
	load(t, "query/serde_qs.json", &query)
	assert.Equal(t, len(query.Written), queryWritten, "written")
	assert.Equal(t, len(query.Parsed), queryParsed, "parsed")
	for _, c := range query.Written {
		if _, ok := query.Types[c.Type]; !ok || !stdjson.Valid([]byte(c.Value)) {
			t.Errorf("written: %s: a known type and a JSON value", c.Name)
		}
	}
	for _, c := range query.Parsed {
		if _, ok := query.Types[c.Type]; !ok || (c.Value == nil) == (c.Refused == "") || (c.Tandem == "") != (c.Why == "") {
			t.Errorf("parsed: %s %s: a known type, a value or a refusal, and a reason where tandem differs", c.Type, c.Query)
		}
	}

	var path struct {
		About     string
		Extracted []struct {
			Pattern, Path, Reason, Parameter, Why string

			Types        []string
			Values       []any
			Status       int
			GoPattern    string `json:"go_pattern"`
			TandemStatus int    `json:"tandem_status"`
		}
		Built []struct {
			Value, Path, Why        string
			Query, Fragment, Tandem *string
		}
	}
	load(t, "query/path.json", &path)
	assert.Equal(t, len(path.Extracted), pathsExtracted, "extracted")
	assert.Equal(t, len(path.Built), pathsBuilt, "built")
	for _, c := range path.Extracted {
		if (c.Values == nil) == (c.Status == 0) || (c.TandemStatus == 0) != (c.Why == "") {
			t.Errorf("extracted: %s: values or a status, and a reason where tandem differs", c.Path)
		}
	}
}

// decode decodes input into a fresh value of a type the vectors name.
func decode(codec, goType string, input []byte) (any, error) {
	p := reflect.New(goTypes[goType])
	err := codecs[codec].Decode(input, p.Interface())
	return p.Elem().Interface(), err
}

// checkRefusal checks that there is an error that is fit to be logged and says where it found the fault.
func checkRefusal(t *testing.T, err error, inputLen int) {
	t.Helper()
	if err == nil {
		t.Fatal("accepted, want an error")
	}
	if text := err.Error(); text == "" || len(text) > 256 {
		t.Fatalf("the error has %d bytes of text: %.300q", len(text), text)
	}
	var where interface{ Offset() int }
	if !errors.As(err, &where) {
		t.Fatalf("the error does not say where: %v", err)
	}
	if off := where.Offset(); off < 0 || off > inputLen {
		t.Fatalf("offset %d is not within the %d bytes of input: %v", off, inputLen, err)
	}
}

// checkSame compares two values bit by bit where DeepEqual would compare something else: floats (where every NaN is
// one), big integers and times.
func checkSame(t *testing.T, got, want any) {
	t.Helper()
	var same bool
	switch want := want.(type) {
	case float64:
		got, ok := got.(float64)
		same = ok && (math.Float64bits(got) == math.Float64bits(want) || got != got && want != want)
	case float32:
		got, ok := got.(float32)
		same = ok && (math.Float32bits(got) == math.Float32bits(want) || got != got && want != want)
	case *big.Int:
		got, ok := got.(*big.Int)
		same = ok && got != nil && got.Cmp(want) == 0
	case time.Time:
		got, ok := got.(time.Time)
		same = ok && got.Equal(want)
	default:
		same = reflect.DeepEqual(got, want)
	}
	if !same {
		t.Fatalf("read %#v\nwant %#v", got, want)
	}
}

// goValue gives the value a vector means: from goValues, or from its text for plain bools, numbers and texts.
func goValue(t *testing.T, goType, text string) any {
	t.Helper()
	if v, ok := goValues[goType+" "+text]; ok {
		return v
	}
	var err error
	v := reflect.New(goTypes[goType]).Elem()
	switch v.Kind() {
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var n int64
		n, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var n uint64
		n, err = strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(f)
	case reflect.String:
		err = stdjson.Unmarshal([]byte(text), v.Addr().Interface())
	default:
		n, ok := new(big.Int).SetString(text, 10)
		if goType != "*big.Int" || !ok {
			t.Fatalf("goValues has no entry for %s %s", goType, text)
		}
		v.Set(reflect.ValueOf(n))
	}
	assert.NoError(t, err, "%s %s", goType, text)
	return v.Interface()
}

// payload is the bytes behind their spelling in the vectors: JSON as it is, the binary formats in hexadecimal.
func payload(t *testing.T, codec, spelled string) []byte {
	t.Helper()
	if codec == "json" {
		return []byte(spelled)
	}
	b, err := hex.DecodeString(spelled)
	assert.NoError(t, err, spelled)
	return b
}

func spell(codec string, b []byte) string {
	if codec == "json" {
		return string(b)
	}
	return hex.EncodeToString(b)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

type valuesFile struct {
	About        string
	Types, Rules map[string]string
	Cases        []valueCase
}

func loadValues(t *testing.T) (f valuesFile) {
	load(t, "codec/values.json", &f)
	return f
}

func loadAccept(t *testing.T) []acceptCase {
	var f struct {
		About string
		Cases []acceptCase
	}
	load(t, "codec/accept.json", &f)
	return f.Cases
}

func loadHostile(t *testing.T) []hostileCase {
	var f struct {
		About string
		Cases []hostileCase
	}
	load(t, "codec/hostile.json", &f)
	return f.Cases
}

// load reads a file of spec/vectors. A name it does not know is an error, so that a misspelt one is not lost.
func load(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "spec", "vectors", filepath.FromSlash(name)))
	assert.NoError(t, err)
	d := stdjson.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	assert.NoError(t, d.Decode(v), name)
}
