package schema

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Hash gives the hash of an endpoint, as [Describe] does.
func Hash(d Declaration) (string, error) {
	d.Name = "endpoint" // for errors
	doc, err := Describe("", []Declaration{d})
	if err != nil {
		return "", err
	}
	return doc.Endpoints[0].Hash, nil
}

// hash makes Endpoint.Hash. The package comment says what goes in.
func hash(d *Document, e *Endpoint) string {
	c := canonical{doc: d, seen: map[string]int{}}
	c.line("tandem schema 1")
	c.line("path " + e.Path)
	if e.Params != "" {
		c.line("params")
		c.fields(d.Named(e.Params).Type.Fields)
	}
	c.line("codec " + e.Codec)
	c.line("in")
	c.typ(e.In)
	c.line("out")
	c.typ(e.Out)
	sum := sha256.Sum256([]byte(c.String()))
	return hex.EncodeToString(sum[:16])
}

// canonical writes types so that equal texts mean equal wires. A type that comes again is the number of its first time.
type canonical struct {
	strings.Builder

	doc  *Document
	seen map[string]int
}

func (c *canonical) line(s string) { c.WriteString(s + "\n") }

func (c *canonical) typ(t *Type) {
	if t.Kind == Ref {
		inner := c.doc.Resolve(t)
		switch inner.Kind {
		case Struct, Tuple, Union, List, Array, Map:
			if n, ok := c.seen[t.Ref]; ok {
				c.line("again " + strconv.Itoa(n))
				return
			}
			c.seen[t.Ref] = len(c.seen)
		default:
		}
		t = inner
	}
	c.line(string(t.Kind) + " " + strconv.Itoa(t.Bits) + " " + strconv.FormatBool(t.Unsigned) + " " + strconv.Itoa(t.Len))
	if t.Key != nil {
		c.typ(t.Key)
	}
	if t.Elem != nil {
		c.typ(t.Elem)
	}
	switch t.Kind {
	case Struct:
		c.fields(t.Fields)
	case Tuple:
		for _, f := range t.Fields {
			c.typ(f.Type)
		}
		c.line("end")
	case Union:
		c.line(strconv.Quote(t.TagKey) + " " + strconv.Quote(t.ContentKey))
		for _, v := range t.Variants {
			c.line("variant " + strconv.Quote(v.Tag))
			if v.Type != nil {
				c.typ(v.Type)
			}
		}
		c.line("end")
	default:
	}
}

func (c *canonical) fields(fields []Field) {
	for _, f := range slices.SortedFunc(slices.Values(fields), func(a, b Field) int {
		return cmp.Or(cmp.Compare(a.In, b.In), cmp.Compare(a.Name, b.Name))
	}) {
		c.line("field " + f.In + " " + strconv.Quote(f.Name) + " " + strconv.FormatBool(f.Optional) + " " + strconv.FormatBool(f.Multi))
		c.typ(f.Type)
	}
	c.line("end")
}
