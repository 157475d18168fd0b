package foreign

import (
	"slices"
	"strings"
	"testing"
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
