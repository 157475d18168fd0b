package text

import (
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// ipvs reads `ipvsadm -L`.
type ipvs struct {
	list []model.VirtualServer
}

func (t *ipvs) line(c *state, l line) took {
	s := l.trim()
	f := strings.Fields(s)
	switch {
	case len(f) == 0 || strings.HasPrefix(s, "IP Virtual Server") || f[0] == "Prot" || strings.HasPrefix(s, "-> RemoteAddress"):
		return ignored
	case f[0] == "TCP" || f[0] == "UDP" || f[0] == "SCTP":
		if len(f) < 2 || !c.room() {
			return unread
		}
		host, port := hostPort(f[1], ':')
		t.list = append(t.list, model.VirtualServer{Origin: c.o, Proto: strings.ToLower(f[0]), Addr: host, Port: port, Src: c.ev(l)})
		return taken
	case f[0] == "->" && len(f) > 1:
		if len(t.list) == 0 {
			return unread
		}
		v := &t.list[len(t.list)-1]
		if len(v.Real) >= 10_000 {
			return ignored
		}
		v.Real = append(v.Real, f[1])
		w := -1
		if len(f) > 3 {
			if n, err := strconv.Atoi(f[3]); err == nil {
				w = n
			}
		}
		v.Weights = append(v.Weights, w)
		return taken
	case strings.HasPrefix(s, "Timeout (tcp tcpfin udp)"):
		c.remarks.add(c, l, model.Remark{ID: model.RemarkTimeout, Value: firstField(after(s, ": ")), Text: "ipvs timeouts (tcp tcpfin udp)" + after(s, "udp)")})
		return taken
	}
	return unread
}

func (t *ipvs) end(c *state) {
	c.out.IPVS = append(c.out.IPVS, t.list...)
	t.list = nil
}
