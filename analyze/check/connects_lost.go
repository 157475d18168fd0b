package check

import (
	"strconv"

	"github.com/metallb-assay/assay/analyze/model"
)

// connectTries is from how many requests of one connection on, none of them answered, a capture shows that they get lost.
const connectTries = 3

// connectsInVain is a capture, of whatever machine, in which a client tries the same connection to the Service again and again, though
// no capture shows a packet back to it; nil when there is none.
func (v *View) connectsInVain(s *Service) *model.Packets {
	tries := map[string]int{}
	last := map[string]string{}
	first := map[string]*model.Packets{}
	for i := range v.Captures {
		c := &v.Captures[i]
		if !showsAnswers(c) {
			continue
		}
		for _, p := range c.List {
			if p.Flags != "S" || !s.has(p.DstAddr) {
				continue
			}
			key := c.Origin.Path + "|" + p.Iface + p.Dir + "|" + p.SrcAddr + "|" + strconv.Itoa(p.SrcPort)
			if p.Time != "" && last[key] == p.Time {
				continue // the same packet seen twice
			}
			last[key] = p.Time
			if tries[key]++; tries[key] == connectTries && !v.answersClient(s, p) {
				first[key] = c
			}
		}
	}
	for i := range v.Captures { // in the order of the input
		for _, c := range first {
			if c == &v.Captures[i] {
				return c
			}
		}
	}
	return nil
}

// answersClient tells whether any capture shows a packet from the Service's address to the client's port.
func (v *View) answersClient(s *Service, request model.Packet) bool {
	for _, c := range v.Captures {
		for _, p := range c.List {
			if s.has(p.SrcAddr) && p.DstAddr == request.SrcAddr && p.DstPort == request.SrcPort {
				return true
			}
		}
	}
	return false
}
