package bundle

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/metallb-assay/assay/schema"
)

// Text is a bundle written as one text, for tests and for the examples of checks:
//
//	what comes before the first heading is a comment
//	-- objects/metallb.io/ipaddresspools/metallb-system.yaml --
//	kind: IPAddressPool
//	...
//	-- logs/metallb-system/speaker-x7k2p/speaker.log --
//
// A heading is a line of "-- ", a path and " --"; the lines up to the next heading are the member's content as they are. It
// implements Source. Header and trailer need not be there and are then nil, which is no loss.
type Text struct {
	frame
	members []section
}

type section struct {
	path string
	body []byte
}

// FromText splits a text into members. A name that a bundle may not have, or has twice, becomes a Loss of the iteration.
func FromText(name string, data []byte) *Text {
	t := &Text{frame: newFrame(name, Options{})}
	body := -1 // where the content of the last member begins
	for at := 0; at < len(data); {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if path, ok := heading(data[at:end]); ok {
			t.close(data, body, at)
			t.members = append(t.members, section{path: path})
			body = end
		}
		at = end
	}
	t.close(data, body, len(data))
	return t
}

// close ends the content of the last member; there is none where from is -1.
func (t *Text) close(data []byte, from, to int) {
	if from >= 0 {
		t.members[len(t.members)-1].body = data[from:to]
	}
}

// heading reads a line like "-- path --".
func heading(line []byte) (string, bool) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < len("-- a --") || !bytes.HasPrefix(line, []byte("-- ")) || !bytes.HasSuffix(line, []byte(" --")) {
		return "", false
	}
	path := string(bytes.TrimSpace(line[3 : len(line)-3]))
	return path, path != ""
}

// Members implements Source.
func (t *Text) Members() iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		for _, m := range t.members {
			if t.admit(m.path, int64(len(m.body))) {
				if err := t.take(m); err != nil {
					yield(Member{}, err)
					return
				}
				if !yield(metaMember(m.path, m.body), nil) {
					return
				}
			}
			for _, l := range t.losses {
				if !yield(Member{}, l) {
					return
				}
			}
			t.losses = t.losses[:0]
		}
		t.settle(true)
		for _, l := range t.losses {
			if !yield(Member{}, l) {
				return
			}
		}
	}
}

// take reads header and trailer.
func (t *Text) take(m section) error {
	switch m.path {
	case schema.HeaderName:
		if err := t.takeHeader(m.body); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	case schema.TrailerName:
		t.takeTrailer(m.body)
	}
	return nil
}
