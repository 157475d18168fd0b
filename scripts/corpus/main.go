// Corpus holds the decisions of package metallb against those that real MetalLB made.
//
//	go run ./scripts/corpus -corpus DIR [-only decisions|recordings|disguise] [-later] [-without FILE] [-explain]
//
// DIR has decisions/KIND-VERSION.jsonl.gz, recordings/NAME/report* and cases/NAME/report*. A line for each kind and version says how
// many scenarios agree; another how many decisions agree that the recordings' own logs tell; and a line for each disguise how many rows
// of the analysis it leaves as they are. Those that do not agree are listed, and the program ends with 1 if one of them has no entry
// in the list of explained exceptions, or if an entry explains nothing any more.
//
// Of kind assign, where few courses were observed, the predicted ones should be just these. All that are possible are predicted, each with
// its chance, and some are too rare for the runs to show them. So the line has two figures: how many agree, which is that every observed
// course is possible and that none stays unmet that the runs should have shown; and how many do so literally, with as many as a right
// prediction would have by chance. The line is bad where they are far fewer than that.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
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
	flag.BoolVar(&o.explain, "explain", false, "write the list of exceptions anew")
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
	later, explain                                bool
	show                                          int
}

// part is a part of the corpus: it prints its lines and returns how many disagree without an explanation.
type part struct {
	name string
	run  func(o options, known *exceptions, w io.Writer) (bad int, err error)
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
	known, err := readExceptions(o.exceptions)
	if err != nil {
		return 0, err
	}
	for _, p := range parts {
		if o.only != "" && o.only != p.name {
			continue
		}
		n, err := p.run(o, known, w)
		if err != nil {
			return bad, err
		}
		bad += n
	}
	if o.explain {
		return bad, known.write()
	}
	for _, text := range known.stale() {
		bad++
		fmt.Fprintf(w, "%s: stale: %s\n", o.exceptions, text)
	}
	return bad, nil
}

// runDecisions compares the files of decisions/.
func runDecisions(o options, known *exceptions, w io.Writer) (bad int, err error) {
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
		n, err := compareFile(f, o, known, w)
		if err != nil {
			return bad, fmt.Errorf("%s: %w", f, err)
		}
		bad += n
	}
	return bad, nil
}

// compareFile prints the line of one file, after the scenarios that disagree.
func compareFile(path string, o options, known *exceptions, w io.Writer) (bad int, err error) {
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
	var all, agree, exact, excused, shown int
	var equal equality
	err = decisions.Each(f, func(l *decisions.Line) {
		all++
		known.compared(l.ID)
		r := compare(l)
		equal.add(r)
		if r.Diff == "" {
			agree++
			if r.Exact {
				exact++
			}
			if r.Unmet != "" && known.byChance(l.ID, r.Unmet) == "" {
				fmt.Fprintf(w, "  %s: agrees, and not exactly: %s\n", l.ID, r.Unmet)
			}
			return
		}
		if why := known.explained(l.ID); why != "" {
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
	if kind == "assign" {
		fmt.Fprint(w, equal)
		if equal.tooFew() {
			bad++
			fmt.Fprint(w, ": too few")
		}
	}
	if excused > 0 {
		fmt.Fprintf(w, ", %d explained", excused)
	}
	fmt.Fprintln(w)
	return bad, nil
}

// equality counts the scenarios that meet the literal criterion of kind assign: where few courses were observed, the possible ones are just
// these. How many should, if the possible courses and their chances are right, is known, because a rare course may stay unmet.
type equality struct {
	met, expected, variance float64
}

func (e *equality) add(r decisions.Result) {
	if r.Diff == "" && r.Unmet == "" {
		e.met++
	}
	e.expected += r.Equal
	e.variance += r.Equal * (1 - r.Equal)
}

// spread is the standard deviation of what is expected.
func (e equality) spread() float64 { return math.Sqrt(e.variance) }

// tooFew tells whether more is predicted than chance can leave unmet.
func (e equality) tooFew() bool { return e.met < e.expected-4*max(e.spread(), 1) }

func (e equality) String() string {
	return fmt.Sprintf("; literally %.0f, where chance lets a right prediction have %.1f ± %.1f", e.met, e.expected, e.spread())
}
