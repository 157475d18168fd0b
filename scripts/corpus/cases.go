package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/metallb-assay/assay/scripts/corpus/disguise"
)

// caseDirs returns the folders of DIR/KIND that are to be looked at, in order.
func (o options) caseDirs(kind string) ([]string, error) {
	without := map[string]bool{}
	if !o.later { // named by the corpus as not yet to be opened
		err := readNames(filepath.Join(o.corpus, "score", "later.txt"), without)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	if o.without != "" {
		if err := readNames(o.without, without); err != nil {
			return nil, err
		}
	}
	entries, err := os.ReadDir(filepath.Join(o.corpus, kind))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() && !without[e.Name()] && strings.HasPrefix(e.Name(), o.name) {
			dirs = append(dirs, filepath.Join(o.corpus, kind, e.Name()))
		}
	}
	return dirs, err
}

// readNames reads names, one a line.
func readNames(path string, into map[string]bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		into[strings.TrimSpace(s.Text())] = true
	}
	return s.Err()
}

// runDisguises holds the analysis of each case and recording against that of the same files attached in other ways.
func runDisguises(o options, _ *exceptions, w io.Writer) (bad int, err error) {
	var t disguise.Tally
	for _, kind := range []string{"cases", "recordings"} {
		dirs, err := o.caseDirs(kind)
		if err != nil {
			return 0, err
		}
		for _, dir := range dirs {
			if err := t.Case(dir); err != nil {
				return 0, err
			}
		}
	}
	if !t.Report(w) {
		bad = 1
	}
	return bad, nil
}
