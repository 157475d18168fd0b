// Corpus holds the decisions of package metallb against those that real MetalLB made.
//
//	go run ./scripts/corpus -corpus DIR [-only decisions|recordings|disguise] [-later] [-without FILE]
//
// DIR has decisions/KIND-VERSION.jsonl.gz, recordings/NAME/report* and cases/NAME/report*. A line for each kind and version says how
// many scenarios agree; another how many decisions agree that the recordings' own logs tell; and a line for each disguise how many rows
// of the analysis it leaves as they are. Those that do not agree are listed, and the program ends with 1 if one of them has no entry
// in the list of explained exceptions.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/scripts/corpus/decisions"
)

func main() {
	var o options
	flag.StringVar(&o.corpus, "corpus", "", "folder with decisions/, recordings/ and cases/")
	flag.StringVar(&o.exceptions, "exceptions", "scripts/corpus/exceptions.txt", "explained exceptions: an id and why, a line each")
	flag.StringVar(&o.only, "only", "", "run only this part: decisions, recordings or disguise")
	flag.StringVar(&o.file, "file", "", "compare only decisions in files whose name begins so")
	flag.StringVar(&o.name, "case", "", "only cases and recordings whose name begins so")
	flag.StringVar(&o.without, "without", "", "file with names of cases and recordings to leave out, one a line")
	flag.BoolVar(&o.later, "later", false, "include the cases and recordings that score/later.txt names")
	flag.IntVar(&o.show, "show", 5, "disagreements to print for each line")
	flag.Parse()
	bad, err := run(o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(2)
	}
	if bad > 0 {
		os.Exit(1)
	}
}

type options struct {
	corpus, exceptions, only, file, name, without string
	later                                         bool
	show                                          int
}

// part is a part of the corpus: it prints its lines and returns how many disagree without an explanation.
type part struct {
	name string
	run  func(o options, explained map[string]string, w io.Writer) (bad int, err error)
}

// parts are compared in this order.
var parts = []part{{"decisions", runDecisions}, {"recordings", runRecordings}, {"disguise", runDisguises}}

// run compares everything; it returns how many disagree without an entry in the list of exceptions.
func run(o options, w io.Writer) (bad int, err error) {
	if o.corpus == "" {
		return 0, errors.New("-corpus DIR is missing")
	}
	if o.only != "" && !slices.ContainsFunc(parts, func(p part) bool { return p.name == o.only }) {
		return 0, fmt.Errorf("-only %s: no such part", o.only)
	}
	explained, err := readExceptions(o.exceptions)
	if err != nil {
		return 0, err
	}
	for _, p := range parts {
		if o.only != "" && o.only != p.name {
			continue
		}
		n, err := p.run(o, explained, w)
		if err != nil {
			return bad, err
		}
		bad += n
	}
	return bad, nil
}

// runDecisions compares the files of decisions/.
func runDecisions(o options, explained map[string]string, w io.Writer) (bad int, err error) {
	files, err := filepath.Glob(filepath.Join(o.corpus, "decisions", "*.jsonl.gz"))
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return 0, fmt.Errorf("%s: no decisions", o.corpus)
	}
	slices.Sort(files)
	for _, f := range files {
		if !strings.HasPrefix(filepath.Base(f), o.file) {
			continue
		}
		n, err := compareFile(f, o, explained, w)
		if err != nil {
			return bad, fmt.Errorf("%s: %w", f, err)
		}
		bad += n
	}
	return bad, nil
}

// compareFile prints the line of one file, after the scenarios that disagree.
func compareFile(path string, o options, explained map[string]string, w io.Writer) (bad int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	name := strings.TrimSuffix(filepath.Base(path), ".jsonl.gz")
	kind, version, _ := strings.Cut(name, "-")
	compare, ok := decisions.Kinds[kind]
	if !ok {
		fmt.Fprintf(w, "%s %s: no comparison of this kind\n", kind, version)
		return 1, nil
	}
	var all, agree, exact, unmet, excused, shown int
	err = decisions.Each(f, func(l *decisions.Line) {
		all++
		r := compare(l)
		if r.Diff == "" {
			agree++
			if r.Exact {
				exact++
			}
			if r.Unmet != "" {
				unmet++
				if _, ok := explained[l.ID]; !ok {
					bad++
					fmt.Fprintf(w, "  %s: not exactly the observed ones: %s\n", l.ID, r.Unmet)
				}
			}
			return
		}
		if why, ok := explained[l.ID]; ok {
			excused++
			fmt.Fprintf(w, "  %s: explained: %s\n", l.ID, why)
			return
		}
		bad++
		if shown++; shown <= o.show {
			fmt.Fprintf(w, "  %s: %s\n", l.ID, r.Diff)
		}
	})
	if err != nil {
		return bad, err
	}
	fmt.Fprintf(w, "%s %s: %d scenarios, %d agree", kind, version, all, agree)
	if exact < agree {
		fmt.Fprintf(w, " (%d compared exactly)", exact)
	}
	if unmet > 0 {
		fmt.Fprintf(w, "; literally %d agree, %d have possible courses that the runs did not meet", agree-unmet, unmet)
	}
	if excused > 0 {
		fmt.Fprintf(w, ", %d explained", excused)
	}
	fmt.Fprintln(w)
	return bad, nil
}

// readExceptions reads lines "ID why"; empty ones and those that begin with # are left out. A file that does not exist is an empty list.
func readExceptions(path string) (map[string]string, error) {
	explained := map[string]string{}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return explained, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		id, why, _ := strings.Cut(line, " ")
		if strings.TrimSpace(why) == "" {
			return nil, fmt.Errorf("%s:%d: %s has no explanation", path, n, id)
		}
		explained[id] = strings.TrimSpace(why)
	}
	return explained, s.Err()
}
