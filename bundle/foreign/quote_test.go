package foreign

import (
	"slices"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

func TestUnquote(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"an answer to a mail", "See below.\n> kind: Pod\n>\n> metadata:\n>   name: a\nBye", "See below.\nkind: Pod\n\nmetadata:\n  name: a\nBye"},
		{"quoted twice", ">> a\n> > b\n>>\n> c", "a\nb\n\nc"},
		{"a here document", "$ kubectl apply -f - <<EOF\n> kind: Pod\n> metadata:\n>   name: a\n> EOF", "$ kubectl apply -f - <<EOF\nkind: Pod\nmetadata:\n  name: a\nEOF"},
		{"two lines are none", "> a\n> b\nc", "> a\n> b\nc"},
		{"routes that lost their first column", ">  192.0.2.0/24 10.0.0.1\n>= 192.0.2.1/32 10.0.0.1\n>  192.0.2.2/32 10.0.0.1", ">  192.0.2.0/24 10.0.0.1\n>= 192.0.2.1/32 10.0.0.1\n>  192.0.2.2/32 10.0.0.1"},
		{"next hops of Junos", "  > to 10.0.0.1\n  > to 10.0.0.2\n  > to 10.0.0.3", "  > to 10.0.0.1\n  > to 10.0.0.2\n  > to 10.0.0.3"},
	} {
		in := strings.Split(tc.in, "\n")
		got, quoted := unquote(slices.Clone(in))
		if text := strings.Join(got, "\n"); text != tc.want || quoted != (tc.in != tc.want) {
			t.Errorf("%s: %q, %v; want %q", tc.name, text, quoted, tc.want)
		}
	}
}

// What the start script of FRR's image prints between the lines of its log does not take the log apart.
func TestShellNoiseOfFRR(t *testing.T) {
	lines := strings.Split("/bin/sh: 3: [[: not found\n/bin/sh: 3: 112: not found\n2026/11/24 15:37:08 WATCHFRR: [WFP93-1D146] configuration write completed with exit code 0\n"+
		"/bin/sh: 3: [[: not found\n/bin/sh: 3: 113: not found", "\n")
	if o := recognise(lines); o.Kind != schema.KindFRRLog {
		t.Errorf("kind %s", o.Kind)
	}
	if k := logLine("/bin/sh: 1: curl: not found"); k != "" {
		t.Errorf("a command that a pod lacks is a line of %s", k)
	}
}
