package kube

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// version records what something says of a version, once for each thing said.
func (c *converter) version(of, v string, strength int, src schema.Evidence) {
	key := model.VersionSeen{Of: of, Version: v, Strength: strength}
	if v == "" || c.versions[key] {
		return
	}
	c.versions[key] = true
	key.Src = src
	c.out.Versions = append(c.out.Versions, key)
}

// imageOf says whose version the tag of an image is: by the last part of its name, mirrors' prefixes taken off.
func imageOf(image string) (of, version string) {
	image, _, _ = strings.Cut(image, "@")
	repo, tag := image, ""
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		repo, tag = image[:i], image[i+1:]
	}
	if tag == "" || tag == "latest" {
		return "", ""
	}
	name := repo[strings.LastIndexByte(repo, '/')+1:]
	dir := strings.TrimSuffix(repo, name)
	switch {
	case strings.HasSuffix(name, "metallb-controller"), strings.HasSuffix(name, "metallb-speaker"),
		strings.HasSuffix(dir, "metallb/") && (name == "controller" || name == "speaker"):
		return "metallb", release(tag)
	case strings.HasSuffix(name, "frr-k8s"):
		return "frr-k8s", release(tag)
	case name == "frr", strings.HasSuffix(name, "metallb-frr"), strings.HasSuffix(name, "frrouting-frr"):
		return "frr", strings.TrimPrefix(release(tag), "v")
	case name == "kube-proxy", name == "kube-apiserver", name == "kube-controller-manager":
		return "kubernetes", tag
	case name == "node" && strings.HasSuffix(dir, "calico/"), strings.HasSuffix(name, "calico-node"):
		return "cni calico", tag
	case name == "cilium" && strings.HasSuffix(dir, "cilium/"), strings.HasSuffix(name, "cilium-cilium"):
		return "cni cilium", tag
	case name == "flannel", strings.HasSuffix(name, "flannel-flannel"):
		return "cni flannel", tag
	case name == "kube-router":
		return "cni kube-router", tag
	case name == "weave-kube":
		return "cni weave", tag
	case name == "kube-ovn":
		return "cni kube-ovn", tag
	case name == "antrea-agent-ubuntu", name == "antrea-ubuntu":
		return "cni antrea", tag
	}
	return "", ""
}

// release is a tag as MetalLB writes its releases: v0.14.9, whatever a packager put in front or behind.
func release(tag string) string {
	v := strings.TrimPrefix(tag, "v")
	if v == "" || v[0] < '0' || v[0] > '9' {
		return tag
	}
	if i := strings.Index(v, "-"); i > 0 && !strings.HasPrefix(v[i:], "-rc") {
		v = v[:i]
	}
	return "v" + v
}

func (c *converter) imageVersion(image string, src schema.Evidence) {
	if of, v := imageOf(image); of != "" {
		c.version(of, v, 2, src)
	}
}

// labelVersions reads the labels that charts and manifests put on their objects.
func (c *converter) labelVersions(m *model.Meta) {
	if len(m.Labels) == 0 {
		return
	}
	name := m.Labels["app.kubernetes.io/name"]
	if v := m.Labels["app.kubernetes.io/version"]; v != "" && (name == "metallb" || name == "frr-k8s") {
		c.version(name, release(v), 1, m.Src)
	}
	if chart := m.Labels["helm.sh/chart"]; chart != "" {
		c.chartVersion(chart, m.Src)
	}
}

// chartVersion reads "metallb-0.14.9", "frr-k8s-0.0.16".
func (c *converter) chartVersion(chart string, src schema.Evidence) {
	for _, name := range []string{"metallb", "frr-k8s"} {
		v, ok := strings.CutPrefix(chart, name+"-")
		if !ok || v == "" || v[0] < '0' || v[0] > '9' {
			continue
		}
		if name == "metallb" {
			c.version("chart", v, 1, src)
			if v[0] != '0' {
				return // another packager's chart counts its own versions
			}
		}
		c.version(name, release(v), 1, src)
	}
}
