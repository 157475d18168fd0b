package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// product is a name that people write in front of a version.
type product struct {
	of    string // VersionSeen.Of
	names []string
	ok    func(v string) bool // whether a version can be one of it
}

// series says whether v is MAJOR.MINOR with MINOR from lo to hi.
func series(major string, lo, hi int) func(string) bool {
	return func(v string) bool {
		rest, ok := strings.CutPrefix(v, major+".")
		n, num := number(rest)
		return ok && num && n >= lo && n <= hi
	}
}

func anyVersion(string) bool { return true }

var products = []product{
	{"metallb", []string{"metallb", "metal lb", "metal-lb"}, series("0", 3, 40)},
	{"frr-k8s", []string{"frr-k8s"}, series("0", 0, 40)},
	{"frr", []string{"frr", "frrouting"}, func(v string) bool { return !strings.HasPrefix(v, "0.") && !strings.HasPrefix(v, "1.") }},
	{"kubernetes", []string{"kubernetes", "k8s", "k8s rev", "kubeadm", "k3s", "rke2", "microk8s", "kubelet", "server version", "kubernetes version", "kube"}, series("1", 7, 60)},
	{"cni calico", []string{"calico"}, series("3", 0, 60)},
	{"cni cilium", []string{"cilium"}, series("1", 4, 40)},
	{"cni flannel", []string{"flannel"}, series("0", 5, 60)},
	{"cni weave", []string{"weave"}, series("2", 0, 20)},
	{"cni kube-router", []string{"kube-router"}, anyVersion},
	{"cni antrea", []string{"antrea"}, anyVersion},
}

// versions finds versions that a line ties to a product, and keeps them as what a person wrote.
func (r *remarker) versions(c *state, l line, lower string) {
	for i := range products {
		p := &products[i]
		for _, name := range p.names {
			at := wordAt(lower, name)
			if at < 0 {
				continue
			}
			v := versionAfter(lower[at+len(name):])
			if v == "" || !p.ok(v) || !c.room() {
				continue
			}
			c.out.Versions = append(c.out.Versions, model.VersionSeen{Of: p.of, Version: "v" + v, Src: c.ev(l)})
			r.found = true
			break
		}
	}
	r.upgrade(c, l, lower)
	r.images(c, l, lower)
}

// versionAfter is the version that stands within a few words behind a product's name; where a change is told ("from A to B",
// "A -> B") it is the last one.
func versionAfter(rest string) string {
	v, end := nextVersion(rest, 28)
	if v == "" {
		return ""
	}
	tail := strings.TrimLeft(rest[end:], " ")
	for _, mark := range []string{"to ", "-> ", "→ ", "=> "} {
		if t, ok := strings.CutPrefix(tail, mark); ok {
			if w, _ := nextVersion(t, 6); w != "" {
				return w
			}
		}
	}
	return v
}

// nextVersion finds the first MAJOR.MINOR[.PATCH] that begins within the first n bytes of s. Addresses, dates and words end the search.
func nextVersion(s string, n int) (version string, end int) {
	for i := 0; i < len(s) && i < n; i++ {
		b := s[i]
		if b == '.' || b == ';' || b == ',' || b == '\n' || b == '|' {
			return "", 0
		}
		if b < '0' || b > '9' || i > 0 && alnum(s[i-1]) && !(s[i-1] == 'v' && (i == 1 || !alnum(s[i-2]))) {
			continue
		}
		j := i
		for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.') {
			j++
		}
		v := strings.TrimRight(s[i:j], ".")
		if has(s[:i], "metallb", "kubernetes", "k8s", "calico", "cilium", "flannel") { // the version of what stands nearer
			return "", 0
		}
		if dots := strings.Count(v, "."); dots < 1 || dots > 2 || j < len(s) && s[j] == '/' {
			return "", 0
		}
		return v, i + len(v)
	}
	return "", 0
}

// upgrade reads "upgrade from v0.12.1 to v0.13.7" without a product's name: versions 0.9 to 0.20 of two numbers and a patch are MetalLB's here.
func (r *remarker) upgrade(c *state, l line, lower string) {
	i := strings.Index(lower, "from v0.")
	if i < 0 || !has(lower, "upgrad", "updat") || has(lower, "metallb", "flannel", "cri-o", "etcd") {
		return
	}
	if v := versionAfter(lower[i+4:]); series("0", 9, 20)(v) && strings.Count(v, ".") == 2 && c.room() {
		c.out.Versions = append(c.out.Versions, model.VersionSeen{Of: "metallb", Version: "v" + v, Src: c.ev(l)})
		r.found = true
	}
}

// images reads metallb/speaker:v0.13.7 and the like, wherever they stand in a text, and charts: metallb-0.13.9.
func (r *remarker) images(c *state, l line, lower string) {
	for _, im := range []struct {
		mark, of string
		strength int
	}{{"metallb/speaker:", "metallb", 2}, {"metallb/controller:", "metallb", 2}, {"metallb/frr-k8s:", "frr-k8s", 2}, {"frrouting/frr:", "frr", 2}} {
		i := strings.Index(lower, im.mark)
		if i < 0 {
			continue
		}
		if v, _ := nextVersion(lower[i+len(im.mark):], 3); v != "" && c.room() {
			c.out.Versions = append(c.out.Versions, model.VersionSeen{Of: im.of, Version: "v" + v, Strength: im.strength, Src: c.ev(l)})
			r.found = true
		}
	}
}

// charts reads a row of `helm ls` or a label: metallb-0.13.9.
func (r *remarker) charts(c *state, l line, s, lower string) {
	for _, w := range strings.Fields(lower) {
		rest, ok := strings.CutPrefix(w, "metallb-")
		if !ok || rest == "" || rest[0] < '0' || rest[0] > '9' {
			continue
		}
		if v, _ := nextVersion(rest, 2); v != "" && c.room() {
			c.out.Versions = append(c.out.Versions, model.VersionSeen{Of: "chart", Version: v, Strength: 1, Src: c.ev(l)})
			r.found = true
		}
		if f := strings.Fields(s); len(f) > 6 && has(lower, " deployed ", " failed ", " pending-", " superseded ") {
			r.add(c, l, model.Remark{ID: model.RemarkHelmRelease, Value: f[0] + " " + w + " " + first(lower, "deployed", "failed", "pending", "superseded")})
		}
	}
}
