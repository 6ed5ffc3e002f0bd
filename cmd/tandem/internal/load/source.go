package load

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/tandem-ws/tandem/internal/schema"
)

// source reads comments and constants: a [schema.Source].
type source struct {
	*listing

	pkg string
}

// parsed gives the files of a package. A file that cannot be read has nothing to say: the compiler has judged it already.
func (l *listing) parsed(path string) []*ast.File {
	p := l.byPath[path]
	if p == nil {
		return nil
	}
	if p.files == nil {
		p.files = []*ast.File{}
		for _, name := range p.GoFiles {
			if f, err := parser.ParseFile(l.fset, p.path(name), nil, parser.ParseComments|parser.SkipObjectResolution); err == nil {
				p.files = append(p.files, f)
			}
		}
	}
	return p.files
}

// specs calls f for every declaration of a kind in a package, in the order of the source. doc is the comment: the
// declaration's own, or that of the group if the group has no other.
func (l *listing) specs(path string, kind token.Token, f func(spec ast.Spec, doc string)) {
	for _, file := range l.parsed(path) {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != kind {
				continue
			}
			for _, spec := range g.Specs {
				f(spec, docOf(g, spec))
			}
		}
	}
}

func docOf(g *ast.GenDecl, spec ast.Spec) string {
	var own, behind *ast.CommentGroup
	switch s := spec.(type) {
	case *ast.TypeSpec:
		own, behind = s.Doc, s.Comment
	case *ast.ValueSpec:
		own, behind = s.Doc, s.Comment
	}
	switch {
	case own != nil:
		return own.Text()
	case len(g.Specs) == 1 && g.Doc != nil:
		return g.Doc.Text()
	}
	return behind.Text()
}

// inOrder sorts the names of variables as the source has them.
func (l *listing) inOrder(p *listed, names []string) []string {
	var out []string
	l.specs(p.ImportPath, token.VAR, func(spec ast.Spec, _ string) {
		for _, n := range spec.(*ast.ValueSpec).Names {
			if slices.Contains(names, n.Name) {
				out = append(out, n.Name)
			}
		}
	})
	return out
}

func (s *source) Package() string {
	for _, f := range s.parsed(s.pkg) {
		if f.Doc != nil {
			return f.Doc.Text()
		}
	}
	return ""
}

func (s *source) Var(name string) (doc string) {
	s.specs(s.pkg, token.VAR, func(spec ast.Spec, text string) {
		for _, n := range spec.(*ast.ValueSpec).Names {
			if n.Name == name {
				doc = text
			}
		}
	})
	return doc
}

func (s *source) Type(decl string) (doc string) {
	s.typeSpec(decl, func(_ *ast.TypeSpec, text string) { doc = text })
	return doc
}

func (s *source) typeSpec(decl string, f func(spec *ast.TypeSpec, doc string)) {
	path, name := cut(decl)
	s.specs(path, token.TYPE, func(spec ast.Spec, text string) {
		if t := spec.(*ast.TypeSpec); t.Name.Name == name {
			f(t, text)
		}
	})
}

func (s *source) Field(decl, goName string) (doc string) {
	s.typeSpec(decl, func(spec *ast.TypeSpec, _ string) {
		t, ok := spec.Type.(*ast.StructType)
		if !ok {
			return
		}
		for _, f := range t.Fields.List {
			for _, n := range f.Names {
				if n.Name != goName {
					continue
				}
				if doc = f.Doc.Text(); doc == "" {
					doc = f.Comment.Text()
				}
			}
		}
	})
	return doc
}

func (s *source) Constants(decl string) (out []schema.Constant) {
	path, name := cut(decl)
	pkg, err := s.importer.Import(path)
	if err != nil {
		return nil
	}
	s.specs(path, token.CONST, func(spec ast.Spec, doc string) {
		for _, n := range spec.(*ast.ValueSpec).Names {
			c, ok := pkg.Scope().Lookup(n.Name).(*types.Const)
			if !ok || !c.Exported() {
				continue
			}
			named, ok := types.Unalias(c.Type()).(*types.Named)
			if !ok || named.Obj().Name() != name || named.Obj().Pkg().Path() != path {
				continue
			}
			text := c.Val().ExactString()
			if c.Val().Kind() == constant.String {
				text = constant.StringVal(c.Val())
			}
			out = append(out, schema.Constant{Name: n.Name, Doc: doc, Text: text})
		}
	})
	return out
}

// cut splits "import/path.Name".
func cut(decl string) (path, name string) {
	i := strings.LastIndex(decl, ".")
	return decl[:max(i, 0)], decl[i+1:]
}
