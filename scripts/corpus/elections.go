package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
)

// elections follows a speaker's log: after a line that lists who may announce an address, the speaker announces it or does not.
type elections struct {
	node  string // the speaker's own; "" makes its lines incomparable
	name  string
	score *score

	open  bool
	at    int // line of the election
	ips   []string
	nodes []string
}

func (s *elections) line(n int, e entry) {
	switch event := e.text("event"); {
	case event == "shouldannounce" && len(e["nodes"]) > 0:
		s.close(false)
		s.open, s.at, s.nodes, s.ips = true, n, e.list("nodes"), e.list("ips")
	case event == "serviceAnnounced" && e.text("protocol") == "layer2" && s.open && slices.Equal(e.list("ips"), s.ips):
		s.close(true)
	case event == "endUpdate", len(e["end reconcile"]) > 0, len(e["reprocessing service"]) > 0, len(e["processing service"]) > 0:
		s.close(false)
	}
}

// end leaves out an election at the end of the log: what came of it is not shown.
func (s *elections) end() {
	if s.open {
		s.score.not++
	}
}

func (s *elections) close(announced bool) {
	if !s.open {
		return
	}
	s.open = false
	if s.node == "" || len(s.ips) == 0 {
		s.score.not++
		return
	}
	order := metallb.Elect(s.ips[0], s.nodes)
	won := len(order) > 0 && order[0].Node == s.node
	diff := ""
	if won != announced {
		diff = fmt.Sprintf("%s:%d %s: of %s %s announces: %v, predicted %v", s.name, s.at, s.ips[0], strings.Join(s.nodes, ","), s.node, announced, won)
	}
	s.score.add(diff)
}
