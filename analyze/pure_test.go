package analyze_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// effects are packages and functions that would make a report depend on more than its input.
var (
	effectPackages = []string{"os", "os/exec", "os/user", "math/rand", "math/rand/v2", "crypto/rand", "net/http", "log", "log/slog", "syscall"}
	effectCalls    = []string{"time.Now", "time.Since", "time.Until", "time.After", "time.Tick", "time.Sleep", "fmt.Print", "fmt.Printf", "fmt.Println", "net.Dial", "net.DialTimeout", "net.Listen", "net.Interfaces",
		"net.InterfaceAddrs", "net.LookupHost", "net.LookupIP"}
)

// forTests is a package that only tests import: it reads their samples.
const forTests = "parse/internal/dump"

// TestTheCoreIsPure finds whatever reads a clock, files or chance below analyze/: the same input gives the same report.
func TestTheCoreIsPure(t *testing.T) {
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && filepath.ToSlash(path) == forTests {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			if name, _ := strconv.Unquote(imp.Path.Value); slices.Contains(effectPackages, name) {
				t.Errorf("%s imports %s", files.Position(imp.Pos()), name)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && slices.Contains(effectCalls, pkg.Name+"."+sel.Sel.Name) {
				t.Errorf("%s calls %s.%s", files.Position(sel.Pos()), pkg.Name, sel.Sel.Name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
