// Package disguise attaches the files of a report in other ways, renamed, flattened, reversed, packed, with other line ends, pasted into
// one text, and tells which rows of the analysis change: none may.
package disguise

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/schema"
)

// kept counts what a disguise did to the rows of all reports.
type kept struct {
	same    int
	changed []string // rows that are other than before and not unknown
	lost    []string // rows that became unknown
}

// Tally counts rows by disguise. Its zero value is empty.
type Tally struct {
	Few bool // from now on only the disguises that the others are made of
	by  map[string]*kept
}

// Case analyzes the report* in a folder as it is and in every disguise.
func (t *Tally) Case(dir string) error {
	entries, err := filepath.Glob(filepath.Join(dir, "report*"))
	if err != nil || len(entries) != 1 {
		return fmt.Errorf("%s: one report* is wanted, found %d", dir, len(entries))
	}
	return t.Attached(filepath.Base(dir), entries[0])
}

// Attached analyzes a file or folder as it is and in every disguise.
func (t *Tally) Attached(name, path string) error {
	plain, err := rowsOf(path)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	files, err := Load(path)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for i, d := range disguises {
		if t.Few && i >= few {
			break
		}
		rows, err := disguised(d.make, files)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, d.name, err)
		}
		if t.by == nil {
			t.by = map[string]*kept{}
		}
		if t.by[d.name] == nil {
			t.by[d.name] = &kept{}
		}
		t.by[d.name].compare(name, plain, rows)
	}
	return nil
}

// Report prints a line a disguise with the rows that it changed. It returns false where one changed to another verdict than unknown,
// or more than one in twenty became unknown.
func (t *Tally) Report(w io.Writer) bool {
	good := true
	for _, d := range disguises {
		k := t.by[d.name]
		if k == nil {
			continue
		}
		total := k.same + len(k.lost) + len(k.changed)
		fmt.Fprintf(w, "disguise %s: %d rows, %d keep verdict, phase and cause, %d became unknown, %d changed\n",
			d.name, total, k.same, len(k.lost), len(k.changed))
		for _, line := range slices.Concat(k.changed, k.lost) {
			fmt.Fprintf(w, "  %s\n", line)
		}
		good = good && len(k.changed) == 0 && len(k.lost)*20 <= total
	}
	return good
}

// disguised analyzes the files in one disguise.
func disguised(make maker, files []File) (map[string]string, error) {
	tmp, err := os.MkdirTemp("", "disguise")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	path, err := make(tmp, files)
	if err != nil {
		return nil, err
	}
	return rowsOf(path)
}

func (k *kept) compare(name string, plain, rows map[string]string) {
	keys := slices.Collect(maps.Keys(plain))
	for key, is := range rows { // a Service that only the disguise has
		if _, ok := plain[key]; !ok && !strings.HasPrefix(is, "unknown") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		was, is := plain[key], rows[key]
		switch {
		case is == was:
			k.same++
		case strings.HasPrefix(is, "unknown"):
			k.lost = append(k.lost, fmt.Sprintf("%s %s: %s became unknown", name, key, was))
		default:
			k.changed = append(k.changed, fmt.Sprintf("%s %s: %s became %s", name, key, orNothing(was), orNothing(is)))
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "no row"
	}
	return s
}

// rowsOf analyzes a path and returns verdict, phase and cause of each Service.
func rowsOf(path string) (map[string]string, error) {
	src, err := foreign.OpenAll([]string{path}, nil, foreign.Options{})
	if err != nil {
		return nil, err
	}
	r, err := analyze.Analyze(context.Background(), src, analyze.Options{})
	if err != nil {
		return nil, err
	}
	byID := map[string]schema.Finding{}
	for _, f := range r.Findings {
		byID[f.ID] = f
	}
	rows := map[string]string{}
	for _, s := range r.Services {
		text := string(s.Verdict)
		if s.Verdict == schema.VerdictIll && len(s.Findings) > 0 {
			text += " " + string(s.Phase) + " " + byID[s.Findings[0]].Cause
		}
		rows[s.Key()] = text
	}
	return rows, nil
}
