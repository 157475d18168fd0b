package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/scripts/corpus/disguise"
)

// score counts decisions of one kind and version.
type score struct {
	compared, agree, not int
	diffs                []string // "RECORDING FILE:LINE: ..."
}

func (s *score) add(diff string) {
	s.compared++
	if diff == "" {
		s.agree++
		return
	}
	s.diffs = append(s.diffs, diff)
}

// told is what the logs of all recordings tell, by version.
type told struct {
	elections, assignments map[string]*score
}

func scoreOf(m map[string]*score, version string) *score {
	if m[version] == nil {
		m[version] = &score{}
	}
	return m[version]
}

// runRecordings compares the decisions that the recordings' own logs tell at debug level: who won each election, and whether the rules
// allow each address that the controller gave.
func runRecordings(o options, known *exceptions, w io.Writer) (bad int, err error) {
	dirs, err := o.caseDirs("recordings")
	if err != nil {
		return 0, err
	}
	t := told{map[string]*score{}, map[string]*score{}}
	for _, dir := range dirs {
		if err := t.recording(dir); err != nil {
			return 0, fmt.Errorf("%s: %w", dir, err)
		}
	}
	bad = report(w, "elections", t.elections, o, known)
	bad += report(w, "assignments", t.assignments, o, known)
	return bad, nil
}

func report(w io.Writer, kind string, scores map[string]*score, o options, known *exceptions) (bad int) {
	for _, version := range slices.Sorted(maps.Keys(scores)) {
		s := scores[version]
		excused := 0
		for i, d := range s.diffs {
			id, _, _ := strings.Cut(d, " ")
			if why := known.explained(id); why != "" {
				excused++
				fmt.Fprintf(w, "  %s: explained: %s\n", id, why)
			} else if i < o.show {
				fmt.Fprintf(w, "  %s\n", d)
			}
		}
		fmt.Fprintf(w, "%s %s: %d compared, %d agree", kind, version, s.compared, s.agree)
		if excused > 0 {
			fmt.Fprintf(w, ", %d explained", excused)
		}
		if s.not > 0 {
			fmt.Fprintf(w, ", %d not compared (the log does not show the state)", s.not)
		}
		fmt.Fprintln(w)
		bad += len(s.diffs) - excused
	}
	return bad
}

// recording compares what the logs of one recording tell.
func (t *told) recording(dir string) error {
	entries, err := filepath.Glob(filepath.Join(dir, "report*"))
	if err != nil || len(entries) != 1 {
		return fmt.Errorf("one report* is wanted, found %d", len(entries))
	}
	version, err := versionOf(dir)
	if err != nil {
		return err
	}
	src, err := foreign.OpenAll(entries[:1], nil, foreign.Options{})
	if err != nil {
		return err
	}
	obs, _, err := analyze.Observe(context.Background(), src, analyze.Options{})
	if err != nil {
		return err
	}
	files, err := disguise.Load(entries[0])
	if err != nil {
		return err
	}
	m := model.New(obs)
	for _, l := range m.Logs {
		f := slices.IndexFunc(files, func(f disguise.File) bool {
			return strings.HasSuffix(l.Origin.Path, filepath.ToSlash(f.Name)) || strings.HasSuffix(filepath.ToSlash(f.Name), l.Origin.Path)
		})
		several := slices.ContainsFunc(m.Logs, func(x *model.Log) bool { return x != l && x.Origin.Path == l.Origin.Path })
		if f < 0 || several {
			continue
		}
		name := filepath.Base(dir) + "/" + files[f].Name
		switch l.Component {
		case model.Speaker:
			e := elections{node: l.Node, score: scoreOf(t.elections, version), name: name}
			each(files[f].Data, e.line)
			e.end()
		case model.Controller:
			a := newAssignments(version, scoreOf(t.assignments, version), name)
			each(files[f].Data, a.line)
		}
	}
	return nil
}

// versionOf is the release that a recording was made with, as its truth.json tells.
func versionOf(dir string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		return "", err
	}
	var truth struct{ MetalLB string }
	err = json.Unmarshal(data, &truth)
	return truth.MetalLB, err
}

// entry is one line of a log: its JSON keys. Text is what a key holds if it is a string, else "".
type entry map[string]json.RawMessage

func (e entry) text(key string) string {
	var s string
	if json.Unmarshal(e[key], &s) != nil {
		return ""
	}
	return s
}

func (e entry) list(key string) []string {
	var l []string
	if json.Unmarshal(e[key], &l) != nil {
		return nil
	}
	return l
}

// each calls f for each line that holds JSON, whatever a container runtime put in front of it.
func each(data []byte, f func(n int, e entry)) {
	in := bufio.NewReaderSize(bytes.NewReader(data), 1<<20)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if i := bytes.IndexByte(line, '{'); i >= 0 {
			var e entry
			if json.Unmarshal(bytes.TrimSpace(line[i:]), &e) == nil {
				if inner := e.text("log"); strings.HasPrefix(inner, "{") {
					e = nil
					_ = json.Unmarshal([]byte(inner), &e)
				}
				if e != nil {
					f(n, e)
				}
			}
		}
		if err != nil {
			return
		}
	}
}
