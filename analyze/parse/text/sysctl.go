package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// sysctl reads `sysctl NAME`, `sysctl -a`, files of /proc/sys shown with grep, head or cat, and sysctl.conf.
type sysctl struct {
	file  string // of "==> /proc/sys/... <=="
	paths []string
	n     int
}

func (t *sysctl) line(c *state, l line) took {
	s := l.trim()
	if s == "" || strings.HasPrefix(s, "#") || strings.HasPrefix(s, ";") || strings.HasPrefix(s, "* Applying") {
		return ignored
	}
	if f, ok := between(s, "==> ", " <=="); ok {
		t.file = f
		return ignored
	}
	if p, ok := strings.CutPrefix(s, "/proc/sys/"); ok { // grep . /proc/sys/net/ipv4/conf/*/rp_filter
		name, v, ok := strings.Cut(p, ":")
		if !ok {
			name, v, ok = strings.Cut(p, " ")
		}
		if !ok {
			t.file = s
			return ignored
		}
		return t.add(c, l, slashName(name), v)
	}
	for _, sep := range []string{" = ", "=", ": "} {
		name, v, ok := strings.Cut(s, sep)
		name = strings.TrimSpace(strings.TrimPrefix(name, "-"))
		if ok && sysctlName(name) {
			return t.add(c, l, strings.ReplaceAll(name, "/", "."), v)
		}
	}
	return t.bare(c, l, s)
}

// bare reads the value alone, as cat prints it: it belongs to the file of the heading or to the next file of the command.
func (t *sysctl) bare(c *state, l line, s string) took {
	if len(strings.Fields(s)) > 4 || len(s) > 60 {
		return unread
	}
	if t.file != "" {
		name := slashName(strings.TrimPrefix(t.file, "/proc/sys/"))
		t.file = ""
		return t.add(c, l, name, s)
	}
	if t.paths == nil {
		for _, p := range c.cmd.parts {
			for _, a := range p.args {
				if f, ok := strings.CutPrefix(a, "/proc/sys/"); ok && !strings.ContainsAny(f, "*?[{") {
					t.paths = append(t.paths, slashName(f))
				}
				if p.tool == "sysctl" && sysctlName(a) { // sysctl -n
					t.paths = append(t.paths, a)
				}
			}
		}
	}
	if t.n >= len(t.paths) {
		return unread
	}
	t.n++
	return t.add(c, l, t.paths[t.n-1], s)
}

// sysctlName says whether s looks like the name of a kernel setting that networks depend on.
func sysctlName(s string) bool {
	return !strings.ContainsAny(s, " \t\"'") && (strings.HasPrefix(s, "net.") || strings.HasPrefix(s, "net/") || strings.HasPrefix(s, "kernel.") ||
		strings.HasPrefix(s, "fs.") || strings.HasPrefix(s, "vm.") || strings.HasPrefix(s, "user.") || strings.HasPrefix(s, "dev.") || strings.HasPrefix(s, "abi.") || strings.HasPrefix(s, "crypto."))
}

// slashName makes net.ipv4.ip_forward of net/ipv4/ip_forward; a dot in a device's name (eth0.10) stays.
func slashName(p string) string { return strings.ReplaceAll(strings.Trim(p, "/"), "/", ".") }

// add keeps a setting of the network; others are passed over.
func (t *sysctl) add(c *state, l line, name, v string) took {
	if !strings.HasPrefix(name, "net.") || !c.room() {
		return ignored
	}
	c.out.Sysctls = append(c.out.Sysctls, model.Sysctl{Origin: c.o, Name: name, Value: strings.TrimSpace(v), Src: c.ev(l)})
	return taken
}

func (t *sysctl) end(*state) {}
