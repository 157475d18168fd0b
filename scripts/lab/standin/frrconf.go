package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// frrSpec is the spec of an FRRConfiguration, as far as the lab uses it.
type frrSpec struct {
	BGP struct {
		Routers     []frrRouter  `json:"routers,omitempty"`
		BFDProfiles []bfdProfile `json:"bfdProfiles,omitempty"`
	} `json:"bgp"`
	Raw struct {
		Priority int    `json:"priority,omitempty"`
		Config   string `json:"rawConfig,omitempty"`
	} `json:"raw"`
	NodeSelector map[string]any `json:"nodeSelector"`
}

type frrRouter struct {
	ASN       uint32        `json:"asn"`
	ID        string        `json:"id,omitempty"`
	VRF       string        `json:"vrf,omitempty"`
	Neighbors []frrNeighbor `json:"neighbors,omitempty"`
	Prefixes  []string      `json:"prefixes,omitempty"`
}

type frrNeighbor struct {
	ASN            uint32    `json:"asn,omitempty"`
	DynamicASN     string    `json:"dynamicASN,omitempty"`
	SourceAddress  string    `json:"sourceaddress,omitempty"`
	Address        string    `json:"address,omitempty"`
	Interface      string    `json:"interface,omitempty"`
	Port           int       `json:"port,omitempty"`
	Password       string    `json:"password,omitempty"`
	PasswordSecret secretRef `json:"passwordSecret"`
	HoldTime       string    `json:"holdTime,omitempty"`
	KeepaliveTime  string    `json:"keepaliveTime,omitempty"`
	ConnectTime    string    `json:"connectTime,omitempty"`
	EBGPMultiHop   bool      `json:"ebgpMultiHop,omitempty"`
	BFDProfile     string    `json:"bfdProfile,omitempty"`
	DisableMP      bool      `json:"disableMP"`
	DualStack      bool      `json:"dualStackAddressFamily"`
	Advertise      struct {
		Allowed     allowedOut      `json:"allowed"`
		Communities []withCommunity `json:"withCommunity,omitempty"`
		LocalPref   []withLocalPref `json:"withLocalPref,omitempty"`
	} `json:"toAdvertise"`
	Receive struct {
		Allowed allowedIn `json:"allowed"`
	} `json:"toReceive"`
}

type secretRef struct {
	Name      string `json:"name,omitempty"`
	Namespace string `json:"namespace,omitempty"`
}

type allowedOut struct {
	Mode     string   `json:"mode,omitempty"`
	Prefixes []string `json:"prefixes,omitempty"`
}

type allowedIn struct {
	Mode     string           `json:"mode,omitempty"`
	Prefixes []map[string]any `json:"prefixes,omitempty"`
}

type withCommunity struct {
	Community string   `json:"community"`
	Prefixes  []string `json:"prefixes,omitempty"`
}

type withLocalPref struct {
	LocalPref uint32   `json:"localPref"`
	Prefixes  []string `json:"prefixes,omitempty"`
}

type bfdProfile struct {
	Name             string `json:"name"`
	ReceiveInterval  int    `json:"receiveInterval,omitempty"`
	TransmitInterval int    `json:"transmitInterval,omitempty"`
	DetectMultiplier int    `json:"detectMultiplier,omitempty"`
	EchoInterval     int    `json:"echoInterval,omitempty"`
	EchoMode         bool   `json:"echoMode"`
	PassiveMode      bool   `json:"passiveMode"`
	MinimumTTL       int    `json:"minimumTtl,omitempty"`
}

// asObject makes a value of an unstructured object.
func asObject(v any) map[string]any {
	var out map[string]any
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		panic(err) // only types of this file come here
	}
	return out
}

// frrLevel is FRR's log level for one of MetalLB's.
func frrLevel(level string) string {
	if l, ok := map[string]string{"all": "debugging", "debug": "debugging", "info": "informational", "warn": "warnings", "error": "errors", "none": "emergencies"}[level]; ok {
		return l
	}
	return "informational"
}

// frrConf is the file that FRR gets. denyIn: nothing is taken from peers, as in MetalLB's FRR mode; frr-k8s filters by lists.
func frrConf(node, level string, spec frrSpec, denyIn bool) string {
	var b strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	w("log stdout %s\nlog timestamp precision 3", frrLevel(level))
	if frrLevel(level) == "debugging" {
		for _, d := range []string{"zebra events", "zebra nht", "zebra kernel", "zebra rib", "zebra nexthop", "bgp neighbor-events", "bgp updates", "bgp keepalives",
			"bgp nht", "bgp zebra", "bfd network", "bfd peer", "bfd zebra"} {
			w("debug %s", d)
		}
	}
	w("hostname %s\nip nht resolve-via-default\nipv6 nht resolve-via-default", node)
	for i := range spec.BGP.Routers {
		for j := range spec.BGP.Routers[i].Neighbors {
			n := &spec.BGP.Routers[i].Neighbors[j]
			neighborPolicy(w, n, n.id(spec.BGP.Routers[i].VRF), denyIn)
		}
	}
	for i := range spec.BGP.Routers {
		routerConf(w, &spec.BGP.Routers[i])
	}
	if len(spec.BGP.BFDProfiles) > 0 {
		w("bfd")
		for _, p := range spec.BGP.BFDProfiles {
			bfdConf(w, p)
		}
	}
	if spec.Raw.Config != "" {
		w("%s", spec.Raw.Config)
	}
	return b.String()
}

// id is the word with which names about a neighbor begin.
func (n *frrNeighbor) id(vrf string) string {
	id := n.Address
	if n.Interface != "" {
		id = n.Interface
	}
	if vrf != "" {
		id += "-" + vrf
	}
	return id
}

// families is the address families of a session: that of its address, or both.
func (n *frrNeighbor) families() []string {
	ip, err := netip.ParseAddr(n.Address)
	switch {
	case n.Interface != "" || n.DualStack || err != nil:
		return []string{"ipv4", "ipv6"}
	case ip.Is4():
		return []string{"ipv4"}
	}
	return []string{"ipv6"}
}

// neighborPolicy writes the prefix lists and route maps of a neighbor.
func neighborPolicy(w func(string, ...any), n *frrNeighbor, id string, denyIn bool) {
	seq := 1
	for _, c := range n.Advertise.Communities {
		large, name := strings.CutPrefix(c.Community, "large:")
		word := "community"
		if large != "" && name {
			word = "large-community"
		}
		for _, family := range []string{"ip", "ipv6"} {
			list := fmt.Sprintf("%s-%s-%s-community-prefixes", id, strings.TrimPrefix(c.Community, "large:"), family)
			if prefixList(w, family, list, c.Prefixes) {
				w("route-map %s-out permit %d\n match %s address prefix-list %s\n set %s %s additive\n on-match next", id, seq, family, list, word, strings.TrimPrefix(c.Community, "large:"))
				seq++
			}
		}
	}
	for _, l := range n.Advertise.LocalPref {
		for _, family := range []string{"ip", "ipv6"} {
			list := fmt.Sprintf("%s-%d-%s-localpref-prefixes", id, l.LocalPref, family)
			if prefixList(w, family, list, l.Prefixes) {
				w("route-map %s-out permit %d\n match %s address prefix-list %s\n set local-preference %d\n on-match next", id, seq, family, list, l.LocalPref)
				seq++
			}
		}
	}
	for _, family := range []string{"ip", "ipv6"} {
		list := id + "-allowed-ipv4"
		if family == "ipv6" {
			list = id + "-allowed-ipv6"
		}
		if !prefixList(w, family, list, n.Advertise.Allowed.Prefixes) {
			w("%s prefix-list %s seq 1 deny any", family, list)
		}
		w("route-map %s-out permit %d\n match %s address prefix-list %s", id, seq, family, list)
		seq++
	}
	if denyIn {
		w("route-map %s-in deny 20", id)
		return
	}
	action := "deny"
	if n.Receive.Allowed.Mode == "all" {
		action = "permit"
	}
	for i, family := range []string{"ip", "ipv6"} {
		w("%s prefix-list %s-inpl-ipv4 seq %d %s any", family, id, i+1, action)
		w("route-map %s-in permit %d\n match %s address prefix-list %s-inpl-ipv4", id, seq+i, family, id)
	}
}

// prefixList writes the prefixes of a family; it tells whether there were any.
func prefixList(w func(string, ...any), family, name string, prefixes []string) bool {
	seq := 0
	for _, p := range prefixes {
		if strings.Contains(p, ":") == (family == "ipv6") {
			seq++
			w("%s prefix-list %s seq %d permit %s", family, name, seq, p)
		}
	}
	return seq > 0
}

// routerConf writes a router with its neighbors.
func routerConf(w func(string, ...any), r *frrRouter) {
	head := fmt.Sprintf("router bgp %d", r.ASN)
	if r.VRF != "" {
		head += " vrf " + r.VRF
	}
	w("%s\n no bgp ebgp-requires-policy\n no bgp network import-check\n no bgp default ipv4-unicast\n bgp graceful-restart preserve-fw-state", head)
	if r.ID != "" {
		w(" bgp router-id %s", r.ID)
	}
	for i := range r.Neighbors {
		neighborConf(w, &r.Neighbors[i])
	}
	for _, family := range []string{"ipv4", "ipv6"} {
		var lines []string
		for i := range r.Neighbors {
			n := &r.Neighbors[i]
			if slices.Contains(n.families(), family) {
				id, peer := n.id(r.VRF), n.id("")
				lines = append(lines, "  neighbor "+peer+" activate", "  neighbor "+peer+" route-map "+id+"-in in", "  neighbor "+peer+" route-map "+id+"-out out")
			}
		}
		for _, p := range r.Prefixes {
			if strings.Contains(p, ":") == (family == "ipv6") {
				lines = append(lines, "  network "+p)
			}
		}
		if len(lines) > 0 {
			w(" address-family %s unicast\n%s\n exit-address-family", family, strings.Join(lines, "\n"))
		}
	}
}

// neighborConf writes a neighbor's session.
func neighborConf(w func(string, ...any), n *frrNeighbor) {
	id, as := n.id(""), fmt.Sprint(n.ASN)
	if n.DynamicASN != "" {
		as = n.DynamicASN
	}
	if n.Interface != "" {
		w(" neighbor %s interface remote-as %s", id, as)
	} else {
		w(" neighbor %s remote-as %s", id, as)
	}
	if n.EBGPMultiHop {
		w(" neighbor %s ebgp-multihop", id)
	}
	if n.Port != 0 && n.Port != 179 {
		w(" neighbor %s port %d", id, n.Port)
	}
	if hold, keep := seconds(n.HoldTime), seconds(n.KeepaliveTime); hold > 0 && keep > 0 {
		w(" neighbor %s timers %d %d", id, keep, hold)
	}
	if c := seconds(n.ConnectTime); c > 0 {
		w(" neighbor %s timers connect %d", id, c)
	}
	if n.Password != "" {
		w(" neighbor %s password %s", id, n.Password)
	}
	if n.SourceAddress != "" {
		w(" neighbor %s update-source %s", id, n.SourceAddress)
	}
	if n.BFDProfile != "" {
		w(" neighbor %s bfd\n neighbor %s bfd profile %s", id, id, n.BFDProfile)
	}
}

func bfdConf(w func(string, ...any), p bfdProfile) {
	w(" profile %s", p.Name)
	for _, x := range []struct {
		word  string
		value int
	}{{"receive-interval", p.ReceiveInterval}, {"transmit-interval", p.TransmitInterval}, {"detect-multiplier", p.DetectMultiplier}, {"echo-interval", p.EchoInterval}, {"minimum-ttl", p.MinimumTTL}} {
		if x.value > 0 {
			w("  %s %d", x.word, x.value)
		}
	}
	if p.EchoMode {
		w("  echo-mode")
	}
	if p.PassiveMode {
		w("  passive-mode")
	}
}
