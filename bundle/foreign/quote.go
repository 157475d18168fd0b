package foreign

import (
	"net/netip"
	"strings"
)

// The limits of what is taken for a quotation.
const (
	minQuoted = 3 // lines
	maxQuotes = 4 // quotations in each other
)

// unquote takes the marks of a mail's quotation, "> ", off runs of lines that have them in front; what a shell prints in front of the
// lines of a here document goes with it. Lines stay where they are. It returns the lines themselves where there is none.
func unquote(lines []string) (out []string, quoted bool) {
	for i := 0; i < len(lines); {
		end, routes := i, 0
		for end < len(lines) && quotes(lines[end]) > 0 {
			if isRouteRest(withoutQuotes(lines[end])) {
				routes++
			}
			end++
		}
		if end-i < minQuoted || routes*2 > end-i {
			i = max(end, i+1)
			continue
		}
		if !quoted {
			out, quoted = append([]string(nil), lines...), true
		}
		for ; i < end; i++ {
			out[i] = withoutQuotes(lines[i])
		}
	}
	if !quoted {
		return lines, false
	}
	return out, true
}

// quotes counts the marks in front of a line: ">", "> >", ">>".
func quotes(line string) int {
	n := 0
	for n < maxQuotes {
		rest, ok := strings.CutPrefix(line, ">")
		if !ok {
			break
		}
		n++
		line = strings.TrimPrefix(rest, " ")
	}
	return n
}

// isRouteRest says whether behind ">" stands what a row of a table of routes has there, whose first column was lost.
func isRouteRest(rest string) bool {
	rest = strings.TrimLeft(rest, " ")
	if strings.HasPrefix(rest, "=") {
		return true
	}
	_, err := netip.ParsePrefix(firstWord(rest))
	return err == nil
}

func withoutQuotes(line string) string {
	for range maxQuotes {
		rest, ok := strings.CutPrefix(line, ">")
		if !ok {
			break
		}
		line = strings.TrimPrefix(rest, " ")
	}
	return line
}
