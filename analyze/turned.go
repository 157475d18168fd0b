package analyze

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// The limits of logs that are turned around.
const (
	turnedPeek = 256 << 10 // bytes that are looked at
	turnedSize = 64 << 20  // bytes that are held
	turnedUp   = 20        // for one step forward in time a log that is newest first has at least so many back
)

// turn gives the lines of a log that begins with its newest in the order of time, as all that reads logs expects them: stores of logs
// show and export them newest first. last is the number of its last line as it came, 0 where the log is in order already. Until the
// report is made, line n of such a member is its last but n-1 (unturn).
func turn(r io.Reader) (ordered io.Reader, last int, whole bool) {
	br := bufio.NewReaderSize(r, turnedPeek)
	head, _ := br.Peek(turnedPeek)
	if !newestFirst(head) {
		return br, 0, true
	}
	data, _ := io.ReadAll(io.LimitReader(br, turnedSize))
	n, _ := io.Copy(io.Discard, br)
	lines := bytes.Split(bytes.TrimRight(data, "\r\n"), []byte("\n"))
	last = len(lines)
	slices.Reverse(lines)
	return bytes.NewReader(append(bytes.Join(lines, []byte("\n")), '\n')), last, n == 0
}

// newestFirst tells whether times go back from line to line.
func newestFirst(head []byte) bool {
	up, down, before := 0, 0, ""
	for line := range strings.Lines(string(head)) {
		t := timeIn(line)
		switch {
		case t == "":
			continue
		case before == "":
		case t > before:
			up++
		case t < before:
			down++
		}
		before = t
	}
	return down > 0 && up*turnedUp <= down
}

// timeIn is the time of a line as text that orders as times do, but for fractions of unlike length; "" where it has none: that of a
// wrapper in front, else that of JSON.
func timeIn(line string) string {
	const seconds, longest = len("2006-01-02T15:04:05"), len("2006-01-02T15:04:05.000000000")
	if len(line) > longest && line[0] == '2' && (line[4] == '-' || line[4] == '/') && line[13] == ':' {
		if line[seconds] == '.' {
			return line[:longest]
		}
		return line[:seconds]
	}
	for _, key := range []string{`"ts":"`, `"time":"`} {
		if _, rest, ok := strings.Cut(line, key); ok && len(rest) > seconds && rest[4] == '-' {
			return rest[:seconds]
		}
	}
	return ""
}

// parseTurned reads a log, in order of time, whatever order it has.
func parseTurned(p parser, o schema.Origin, index int, r io.Reader, out *model.Observations) model.MemberSeen {
	ordered, last, whole := turn(r)
	seen := p(o, index, ordered, out)
	if last > 0 {
		out.Turned = append(out.Turned, model.Turned{Path: o.Path, First: o.Line(1), Last: o.Line(last)})
		if !whole && seen.Why == "" {
			seen.Read, seen.Why = "part", "is newest first and larger than 64 MiB; the newest of it was read"
		}
	}
	return seen
}

// unturn makes the evidence in turned members point at the lines as attached.
func unturn(r *schema.Report, turned []model.Turned) {
	if len(turned) == 0 {
		return
	}
	all := func(list []schema.Evidence) {
		for i := range list {
			unturnOne(&list[i], turned)
		}
	}
	for i := range r.Services {
		for j := range r.Services[i].Phases {
			all(r.Services[i].Phases[j].Evidence)
		}
	}
	for i := range r.Findings {
		all(r.Findings[i].Evidence)
	}
	for i := range r.Timeline {
		unturnOne(&r.Timeline[i].Evidence, turned)
	}
}

func unturnOne(e *schema.Evidence, turned []model.Turned) {
	for _, t := range turned {
		if e.Member != t.Path || e.Line < t.First || e.Line > t.Last {
			continue
		}
		e.Line = t.First + t.Last - e.Line
		e.LastLine = 0 // what follows a line of a log stands above it now
		return
	}
}
