package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// exceptions are the disagreements that have an explanation, and what a comparison met of them.
type exceptions struct {
	path    string
	head    []string          // lines before the first entry
	why     map[string]string // id -> explanation
	order   []string          // ids, as written
	met     map[string]bool   // ids that were compared, agreeing or not
	series  map[string]bool   // what ids of met begin with, up to the last dash
	differs map[string]string // ids that need an entry -> the explanation that it should have; "" any
}

// readExceptions reads lines "ID why"; empty ones and those that begin with # are left out. A file that does not exist is an empty list.
func readExceptions(path string) (*exceptions, error) {
	e := &exceptions{path: path, why: map[string]string{}, met: map[string]bool{}, series: map[string]bool{}, differs: map[string]string{}}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return e, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			if len(e.order) == 0 {
				e.head = append(e.head, line)
			}
			continue
		}
		id, why, _ := strings.Cut(line, " ")
		if strings.TrimSpace(why) == "" {
			return nil, fmt.Errorf("%s:%d: %s has no explanation", path, n, id)
		}
		if _, twice := e.why[id]; twice {
			return nil, fmt.Errorf("%s:%d: %s is listed twice", path, n, id)
		}
		e.why[id] = strings.TrimSpace(why)
		e.order = append(e.order, id)
	}
	return e, s.Err()
}

// compared notes that there was something to compare by this id.
func (e *exceptions) compared(id string) {
	e.met[id] = true
	e.series[series(id)] = true
}

// series is what the ids of one generated set have in common: all but the number.
func series(id string) string { return id[:strings.LastIndexByte(id, '-')+1] }

// explained is the explanation of a disagreement, "" when it has none.
func (e *exceptions) explained(id string) string {
	if _, ok := e.differs[id]; !ok {
		e.differs[id] = ""
	}
	return e.why[id]
}

// byChance is explained for a disagreement that the comparison explains itself.
func (e *exceptions) byChance(id, why string) string {
	e.differs[id] = why
	return e.why[id]
}

// stale is the entries that explain nothing: their id agrees, is none of its set, or has another explanation by now. Of a set that was not
// compared nothing is known.
func (e *exceptions) stale() []string {
	var out []string
	for _, id := range e.order {
		why, differs := e.differs[id]
		switch {
		case differs && why != "" && why != e.why[id]:
			out = append(out, fmt.Sprintf("%s is explained by %q, and listed with %q", id, why, e.why[id]))
		case !differs && e.met[id]:
			out = append(out, id+" agrees")
		case !differs && e.series[series(id)]:
			out = append(out, id+" is none of its set")
		}
	}
	return out
}

// write writes the file anew: without stale entries, and with those that the comparison explains itself.
func (e *exceptions) write() error {
	ids := slices.Clone(e.order)
	for id, why := range e.differs {
		if why != "" && e.why[id] == "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var b bytes.Buffer
	for _, line := range e.head {
		fmt.Fprintln(&b, line)
	}
	for _, id := range ids {
		why, differs := e.differs[id]
		switch {
		case !differs && (e.met[id] || e.series[series(id)]):
			continue
		case why == "":
			why = e.why[id]
		}
		fmt.Fprintln(&b, id, why)
	}
	return os.WriteFile(e.path, b.Bytes(), 0o666)
}
