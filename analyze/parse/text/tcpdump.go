package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// tcpdump reads the text of tcpdump, with or without -v, -e and -i any, and the summary lines of tshark.
type tcpdump struct {
	p    *model.Packets
	half *model.Packet // a -v packet whose second line is to come
	seen map[packetKind]int
}

// packetKind is what two packets have in common when only the first is kept: perKind of each are.
type packetKind struct {
	proto, src, dst, flags, target, mac, iface, dir, sum string
	port                                                 int
}

// perKind is how many packets of one kind are kept.
const perKind = 12

// packets is the run of text, made at its first line.
func (t *tcpdump) packets(c *state) *model.Packets {
	if t.p == nil {
		t.p = &model.Packets{Origin: c.o, Counts: map[string]int{}}
		t.seen = map[packetKind]int{}
		for _, s := range c.cmd.parts {
			if s.tool == "tcpdump" || s.tool == "tshark" {
				t.p.Iface, t.p.Filter = tcpdumpArgs(s.args)
			}
		}
		t.p.Src = c.cmdSrc
	}
	return t.p
}

// tcpdumpArgs returns the interface and the filter of a command.
func tcpdumpArgs(args []string) (iface, filter string) {
	var words []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if !strings.HasPrefix(a, "-") {
			words = append(words, a)
			continue
		}
		if strings.HasPrefix(a, "--") {
			continue
		}
		last := a[len(a)-1]
		if strings.IndexByte("icwrsCGWyFz", last) >= 0 && i+1 < len(args) {
			i++
			if last == 'i' {
				iface = args[i]
			}
		} else if j := strings.IndexByte(a, 'i'); j > 0 && j < len(a)-1 {
			iface = a[j+1:]
		}
	}
	return iface, strings.Join(words, " ")
}

func (t *tcpdump) line(c *state, l line) took {
	s := l.trim()
	if s == "" || s == "^C" || strings.HasPrefix(s, "0x") {
		return ignored
	}
	if r := t.frame(c, l, s); r != unread {
		return r
	}
	if t.half != nil && strings.Contains(s, " > ") && !stamped(s) {
		t.second(c, l, s)
		return taken
	}
	pk, ok := parsePacket(s)
	if !ok {
		if detail(s) {
			return ignored
		}
		return unread
	}
	pk.Origin, pk.Src = c.o, c.ev(l)
	t.flush(c)
	if pk.SrcAddr == "" && pk.Proto == "ip" { // the addresses follow on the next line
		t.half = &pk
		return taken
	}
	if pk.Time == "" && t.half == nil && t.p == nil && pk.SrcAddr == "" {
		return unread
	}
	t.half = &pk
	return taken
}

// frame reads the lines around the packets: headings and counts.
func (t *tcpdump) frame(c *state, l line, s string) took {
	if rest, ok := strings.CutPrefix(strings.TrimPrefix(s, "tcpdump: "), "listening on "); ok {
		t.flush(c)
		p := t.packets(c)
		iface, _, _ := strings.Cut(rest, ",")
		p.Iface = iface
		if p.Src.Quote == "" {
			p.Src = c.ev(l)
		}
		return taken
	}
	if strings.HasPrefix(s, "tcpdump:") || strings.HasPrefix(s, "dropped privs") || strings.HasPrefix(s, "Capturing on ") || strings.HasPrefix(s, "reading from file") || strings.HasPrefix(s, "Running as user") {
		return ignored
	}
	n, ok := number(s)
	if !ok {
		return unread
	}
	for _, w := range []string{"captured", "received by filter", "dropped by kernel", "dropped by interface"} {
		if strings.HasSuffix(s, w) && has(s, " packet") {
			t.packets(c).Counts[w] = n
			if t.p.Src.Quote == "" {
				t.p.Src = c.ev(l)
			}
			return taken
		}
	}
	return unread
}

// second adds the line "    A.B.C.D.port > ..." of a -v packet; a line of an inner packet becomes one of its own.
func (t *tcpdump) second(c *state, l line, s string) {
	if t.half.SrcAddr != "" {
		inner := *t.half
		inner.Src, inner.SrcAddr, inner.DstAddr, inner.Flags, inner.Checksum, inner.Text = c.ev(l), "", "", "", "", ""
		inner.SrcPort, inner.DstPort = 0, 0
		t.flush(c)
		t.half = &inner
	}
	if !endpoints(t.half, s) {
		return
	}
	t.half.Text = cut(s, 300)
}

// flush keeps the packet that is complete now.
func (t *tcpdump) flush(c *state) {
	pk := t.half
	t.half = nil
	if pk == nil {
		return
	}
	p := t.packets(c)
	if p.Src.Quote == "" {
		p.Src = pk.Src
	}
	p.Total++
	k := packetKind{pk.Proto, pk.SrcAddr, pk.DstAddr, pk.Flags, pk.Target, pk.MAC, pk.Iface, pk.Dir, pk.Checksum, pk.DstPort}
	if len(t.seen) < 4*model.PacketsKept {
		t.seen[k]++
	}
	if t.seen[k] <= perKind && len(p.List) < model.PacketsKept {
		p.List = append(p.List, *pk)
	}
}

func (t *tcpdump) end(c *state) {
	t.flush(c)
	if t.p == nil {
		if c.cmdSrc.Line == 0 || c.output > 0 {
			return
		}
		t.packets(c)
	}
	if c.room() {
		c.out.Captures = append(c.out.Captures, *t.p)
	}
	t.p = nil
}

// stamped says whether a line begins with a time: 12:00:00.000000, 2024-01-01 12:00:00, 1700000000.123456.
func stamped(s string) bool {
	f, rest, _ := strings.Cut(s, " ")
	if clockTime(f) || len(f) >= 12 && strings.IndexByte(f, '.') == 10 && allDigits(strings.Replace(f, ".", "", 1)) {
		return true
	}
	f2, _, _ := strings.Cut(rest, " ")
	return len(f) == 10 && f[4] == '-' && clockTime(f2)
}

// clockTime reads hh:mm:ss with or without a fraction.
func clockTime(s string) bool {
	return len(s) >= 8 && s[2] == ':' && s[5] == ':' && allDigits(s[:2]) && allDigits(s[3:5]) && allDigits(s[6:8])
}

// detail says whether a line of tcpdump -v or -X is known to add nothing: options, BGP messages' attributes, dumps.
func detail(s string) bool {
	return has(s, "Update Message (2)", "Open Message (1)", "Keepalive Message (4)", "Notification Message (3)", "length:", "Attribute", "Option ", "[|", "mtu option", "source link-address", "destination link-address", "prefix info") ||
		strings.HasPrefix(s, "\\0x")
}
