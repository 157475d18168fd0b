package kube

import (
	"bytes"
	"io"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Parse reads a member of kind objects, table, describe, legacy-config or helm-values (and an empty one, of which the place
// in a bundle says what was listed) and appends what it says to out. Index is the member's number. Taken counts objects and
// rows, Unread lines or objects that could not be understood, with the first reason in Why.
func Parse(o schema.Origin, index int, r io.Reader, out *model.Observations) model.MemberSeen {
	c := newConverter(o, index, out)
	lines := &counter{r: r}
	seen := model.MemberSeen{Origin: o, Read: "whole"}
	switch o.Kind {
	case schema.KindTable:
		c.table(lines, &seen)
	case schema.KindDescribe:
		c.describe(lines, &seen)
	case schema.KindLegacy:
		c.legacy(lines, &seen)
	case schema.KindHelm:
		c.helm(lines, &seen)
	default:
		s := newSplitter(c, lines)
		s.run()
		seen.Unread, seen.Why = s.unread, s.why
		if s.unread > 0 {
			c.whole = false
			seen.Src = s.bad
		}
	}
	c.placeListing()
	seen.Lines, seen.Taken, seen.Ignored = lines.n, c.taken, c.ignored
	if seen.Unread > 0 {
		seen.Read = "part"
		if seen.Taken == 0 {
			seen.Read = "not"
		}
	}
	return seen
}

// counter counts the lines that are read.
type counter struct {
	r    io.Reader
	n    int
	open bool // the last byte was no line end
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if n > 0 {
		c.n += bytes.Count(p[:n], []byte("\n"))
		open := p[n-1] != '\n'
		if open != c.open {
			if open {
				c.n++
			} else {
				c.n--
			}
			c.open = open
		}
	}
	return n, err
}
