package kube

import (
	"strings"
	"time"
)

// column is a column of a table: its title and where it begins.
type column struct {
	title string
	at    int
}

// columns are the titles of a table. Squeezed: somebody's editor left one blank between columns.
type columns struct {
	list     []column
	squeezed bool
}

// phrases are titles of several words; needed where blanks were squeezed.
var phrases = []string{"LAST SEEN", "FIRST SEEN", "AUTO ASSIGN", "AVOID BUGGY IPS", "IPADDRESSPOOL SELECTORS", "BFD PROFILE", "MULTI HOPS",
	"NOMINATED NODE", "READINESS GATES", "NODE SELECTORS", "NODE SELECTOR", "CREATED AT", "ALLOCATED NODE", "SERVICE NAMESPACE", "SERVICE NAME",
	"PASSIVE MODE", "TRANSMIT INTERVAL", "RECEIVE INTERVAL", "APP VERSION"}

// titles reads a line of column titles; false where the line is none.
func titles(s string) (columns, bool) {
	var c columns
	if !shouted(s) {
		return c, false
	}
	s = strings.TrimRight(s, " \t")
	for i := 0; i < len(s); {
		for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
			i++
		}
		end := gap(s, i)
		if end > i {
			c.list = append(c.list, column{s[i:end], i})
		}
		i = end
	}
	if len(c.list) == 1 && strings.ContainsAny(c.list[0].title, " ") || len(c.list) > 0 && crowded(c.list) {
		c.list, c.squeezed = squeezed(s), true
	}
	if len(c.list) == 0 || len(c.list) == 1 && c.list[0].title != "NAME" {
		return c, false
	}
	return c, true
}

// crowded tells whether a title holds several columns.
func crowded(list []column) bool {
	for _, c := range list {
		if strings.HasPrefix(c.title, "NAME ") || strings.HasPrefix(c.title, "NAMESPACE ") || strings.Contains(c.title, " AGE") {
			return true
		}
	}
	return false
}

func squeezed(s string) []column {
	s = strings.Join(strings.Fields(s), " ")
	var list []column
next:
	for s != "" {
		for _, p := range phrases {
			if s == p || strings.HasPrefix(s, p+" ") {
				list = append(list, column{title: p})
				s = strings.TrimPrefix(s[len(p):], " ")
				continue next
			}
		}
		word, rest, _ := strings.Cut(s, " ")
		list = append(list, column{title: word})
		s = rest
	}
	return list
}

// shouted tells whether a line is all capitals and begins with a title that tables have.
func shouted(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) < 4 {
		return false
	}
	letters := 0
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b >= 'A' && b <= 'Z':
			letters++
		case b == ' ', b == '\t', b == '-', b == '_', b == '(', b == ')', b == '/', b == '.', b == ':', b >= '0' && b <= '9':
		default:
			return false
		}
	}
	return letters*2 > len(strings.ReplaceAll(s, " ", "")) && (s[0] >= 'A' && s[0] <= 'Z')
}

// gap is where the cell that begins at i ends: at two blanks, a tab, or the end.
func gap(s string, i int) int {
	for ; i < len(s); i++ {
		if s[i] == '\t' || s[i] == ' ' && i+1 < len(s) && (s[i+1] == ' ' || s[i+1] == '\t') {
			return i
		}
	}
	return len(s)
}

// cells splits a row as the titles say: by their places where these fit, else by gaps, else by blanks. Nil where nothing fits.
func (c *columns) cells(s string) []string {
	s = strings.TrimRight(s, " \t\r")
	n := len(c.list)
	if !c.squeezed {
		if row := c.byPlace(s); row != nil {
			return row
		}
		if row := byGaps(s, n); len(row) == n {
			return row
		}
	}
	row := byBlanks(s)
	if len(row) < n && !c.squeezed {
		if g := byGaps(s, n); len(g) >= 2 {
			return g
		}
	}
	if len(row) > n {
		row = append(row[:n-1:n-1], strings.Join(row[n-1:], " "))
	}
	if len(row) < 2 && n > 2 {
		return nil
	}
	return row
}

func (c *columns) byPlace(s string) []string {
	for _, col := range c.list[1:] {
		if col.at < len(s) && (s[col.at-1] != ' ' && s[col.at-1] != '\t' || s[col.at] == ' ') {
			if s[col.at-1] != ' ' && s[col.at-1] != '\t' {
				return nil
			}
			if strings.TrimSpace(s[col.at:]) != "" && !emptyCell(s, col.at) {
				return nil
			}
		}
	}
	row := make([]string, len(c.list))
	for i, col := range c.list {
		if col.at >= len(s) {
			break
		}
		end := len(s)
		if i+1 < len(c.list) && c.list[i+1].at < end {
			end = c.list[i+1].at
		}
		row[i] = strings.TrimSpace(s[col.at:end])
		if i+1 < len(c.list) && gap(row[i], 0) != len(row[i]) {
			return nil // two cells in one place: the titles are of another table
		}
	}
	if row[0] == "" {
		return nil
	}
	return row
}

// emptyCell tells whether the cell at a place is blank, not shifted by a few characters.
func emptyCell(s string, at int) bool {
	rest := s[at:]
	return len(rest)-len(strings.TrimLeft(rest, " ")) >= 3
}

func byGaps(s string, n int) []string {
	var row []string
	s = strings.TrimLeft(s, " \t")
	for s != "" && len(row) < n-1 {
		end := gap(s, 0)
		row = append(row, s[:end])
		s = strings.TrimLeft(s[end:], " \t")
	}
	if s != "" {
		row = append(row, s)
	}
	return row
}

// byBlanks splits at every blank, but keeps "5 (3h ago)" and "2m (x3 over 5m)" together.
func byBlanks(s string) []string {
	var row []string
	for _, f := range strings.Fields(s) {
		if last := len(row) - 1; last >= 0 && (strings.HasPrefix(f, "(") || strings.Contains(row[last], "(") && !strings.Contains(row[last], ")")) {
			row[last] += " " + f
			continue
		}
		row = append(row, f)
	}
	return row
}

// firstAge is the "5m" of "2m (x3 over 5m)": when it was first seen; 0 where it is not shown.
func firstAge(s string) time.Duration {
	_, rest, ok := strings.Cut(s, " over ")
	if !ok {
		return 0
	}
	return max(age(strings.TrimRight(rest, ")")), 0)
}

// age reads kubectl's durations: 5d3h, 4m10s, 63s, "2m (x3 over 5m)"; -1 where it is none.
func age(s string) time.Duration {
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	if s == "" {
		return -1
	}
	var d time.Duration
	n, digits := int64(0), 0
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' && digits < 9 {
			n, digits = n*10+int64(s[i]-'0'), digits+1
			continue
		}
		unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'y': 365 * 24 * time.Hour}[s[i]]
		if unit == 0 || digits == 0 {
			return -1
		}
		d += time.Duration(n) * unit
		n, digits = 0, 0
	}
	if digits > 0 {
		return -1
	}
	return d
}
