package text

import (
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// TestQueriesOfNamedServers: an attempt on a server that the command names is one on a Service that answers DNS.
func TestQueriesOfNamedServers(t *testing.T) {
	for _, c := range []struct {
		name, text, outcome string
		port                int
	}{
		{"lost", "$ dig @10.8.8.53 example.org +short\n;; communications error to 10.8.8.53#53: timed out\n;; no servers could be reached", model.OutcomeTimeout, 53},
		{"answered", "$ dig @10.8.8.53 example.org\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 1", model.OutcomeAnswered, 53},
		{"answered in short", "$ dig +short -p 5353 @10.8.8.53 example.org\n93.184.216.34", model.OutcomeAnswered, 5353},
		{"answered at the second try", "$ dig @10.8.8.53 example.org +short\n;; communications error to 10.8.8.53#53: timed out\n93.184.216.34", model.OutcomeAnswered, 53},
		{"refused", "$ nslookup example.org 10.8.8.53\n;; communications error to 10.8.8.53#53: connection refused", model.OutcomeRefused, 53},
		{"no server named", "$ dig +short example.org\n10.8.8.53", "", 0},
	} {
		var out model.Observations
		Parse(schema.Origin{Path: "a.txt", Kind: schema.KindShell, FirstLine: 1}, 0, strings.NewReader(c.text), &out)
		switch {
		case c.outcome == "" && len(out.Probes) > 0, c.outcome != "" && len(out.Probes) != 1:
			t.Errorf("%s: %d attempts: %+v", c.name, len(out.Probes), out.Probes)
		case c.outcome != "" && (out.Probes[0].Outcome != c.outcome || out.Probes[0].Addr != "10.8.8.53" || out.Probes[0].Port != c.port):
			t.Errorf("%s: %+v", c.name, out.Probes[0])
		}
	}
}
