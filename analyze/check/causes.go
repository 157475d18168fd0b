package check

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

//go:embed causes.tsv
var causesTSV string

// Cause is a row of the catalogue of causes: a name and a code that never change.
type Cause struct {
	Name    string
	Phase   schema.Phase
	Code    string
	Meaning string
}

// Causes lists the catalogue in order of code, the causes that no check proves yet included.
var Causes = parseCauses(causesTSV)

// CauseOf returns the cause of that name or code, whatever its case; false when there is none.
func CauseOf(nameOrCode string) (Cause, bool) {
	for _, c := range Causes {
		if strings.EqualFold(c.Name, nameOrCode) || strings.EqualFold(c.Code, nameOrCode) {
			return c, true
		}
	}
	return Cause{}, false
}

func parseCauses(text string) []Cause {
	var causes []Cause
	for n, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if n == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			panic(fmt.Sprintf("check: causes.tsv line %d has %d fields", n+1, len(f)))
		}
		causes = append(causes, Cause{Name: f[0], Phase: schema.Phase(f[1]), Code: f[2], Meaning: f[3]})
	}
	return causes
}
