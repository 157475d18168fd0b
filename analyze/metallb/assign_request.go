package metallb

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// Family is the address family of a Service: that of its cluster addresses.
type Family string

// The families, as MetalLB writes them in its messages.
const (
	IPv4          Family = "ipv4"
	IPv6          Family = "ipv6"
	DualStack     Family = "dual"
	UnknownFamily Family = "unknown"
)

// The values of ipFamilyPolicy; any other counts as none of them.
const (
	singleStack = "SingleStack"
	preferDual  = "PreferDualStack"
	requireDual = "RequireDualStack"
)

// The annotations of a Service, after one of the two prefixes.
const (
	newPrefix   = "metallb.io/"
	oldPrefix   = "metallb.universe.tf/"
	annPool     = "address-pool"
	annIPs      = "loadBalancerIPs"
	annShare    = "allow-shared-ip"
	annFromPool = "ip-allocated-from-pool" // written by MetalLB
)

// Annotation returns the value of MetalLB's annotation name ("address-pool") on the Service, and its whole key. With both
// prefixes present the new one wins, even when it is empty. Rules: annotation-old-prefix, annotation-new-prefix.
func Annotation(v Version, svc *model.Service, name string) (value, key string, ok bool) {
	if v.Since("v0.14.9") {
		if s, has := svc.Annotations[newPrefix+name]; has {
			return s, newPrefix + name, true
		}
	}
	s, has := svc.Annotations[oldPrefix+name]
	return s, oldPrefix + name, has
}

// annotationName is the key that messages of the release name, whichever prefix the Service uses.
func annotationName(v Version, name string) string {
	if v.Since("v0.14.9") {
		return newPrefix + name
	}
	return oldPrefix + name
}

// Handles tells whether MetalLB looks at the Service at all: since v0.13.0 the class of the Service and --lb-class must be the
// same, no class being one of its own. A Service that is not of type LoadBalancer is looked at too, only to clear it.
func Handles(in Input, svc *model.Service) bool {
	if in.Version.Known() && !in.Version.Since("v0.13.0") {
		return true
	}
	if svc.LoadBalancerClass == nil {
		return in.LBClass == ""
	}
	return *svc.LoadBalancerClass == in.LBClass
}

// Port is a port in use on an address.
type Port struct {
	Protocol string // TCP, UDP, SCTP
	Number   int
}

// String is PROTOCOL/NUMBER.
func (p Port) String() string { return fmt.Sprintf("%s/%d", p.Protocol, p.Number) }

// claim is what a Service brings to an allocation.
type claim struct {
	svc     *model.Service
	key     string // NAMESPACE/NAME
	ports   []Port
	sharing string // value of allow-shared-ip; "" shares with nobody
	backend string // selector as text for policy Local, else ""
	family  Family
	famErr  string // why family is unknown, in MetalLB's words
	policy  string // ipFamilyPolicy, SingleStack when absent
	v6first bool   // spec.ipFamilies begins with IPv6
	pool    string // requested pool; "" none
	plain   bool   // the Service holds nothing, so that what is free for it is free for others like it
}

func claimOf(v Version, svc *model.Service) claim {
	c := claim{svc: svc, key: svc.Key(), policy: svc.IPFamilyPolicy}
	if c.policy == "" {
		c.policy = singleStack
	}
	for _, p := range svc.Ports {
		proto := p.Protocol
		if proto == "" {
			proto = "TCP"
		}
		c.ports = append(c.ports, Port{proto, p.Port})
	}
	c.sharing, _, _ = Annotation(v, svc, annShare)
	c.pool, _, _ = Annotation(v, svc, annPool)
	c.backend = backendKey(svc)
	c.family, c.famErr = familyOfTexts(v, svc.ClusterIPs)
	c.v6first = len(svc.IPFamilies) > 0 && svc.IPFamilies[0] == "IPv6"
	return c
}

// backendKey is what two Services that share an address must have in common besides the sharing key. Rule: sharing-backend.
func backendKey(svc *model.Service) string {
	if svc.TrafficPolicy != "Local" {
		return ""
	}
	pairs := make([]string, 0, len(svc.Selector))
	for k, v := range svc.Selector {
		pairs = append(pairs, k+"="+v)
	}
	sort.Strings(pairs)
	return strings.Join(pairs, ",")
}

// requestedAddresses returns the addresses that the Service asks for, or why its request is refused.
// Rules: requested-annotation-ips, requested-both.
func requestedAddresses(v Version, svc *model.Service) (ips []netip.Addr, fam Family, refusal string) {
	text := ""
	if v.Since("v0.12.0") || !v.Known() {
		text, _, _ = Annotation(v, svc, annIPs)
	}
	switch {
	case text == "" && svc.LoadBalancerIP == "":
		return nil, "", ""
	case text != "" && svc.LoadBalancerIP != "":
		return nil, "", fmt.Sprintf("service can not have both %s and svc.Spec.LoadBalancerIP", annotationName(v, annIPs))
	case text == "":
		ip := parseIP(svc.LoadBalancerIP)
		if !ip.IsValid() {
			return nil, "", fmt.Sprintf("invalid spec.loadBalancerIP %q", svc.LoadBalancerIP)
		}
		return []netip.Addr{ip}, familyOf(ip), ""
	}
	for _, part := range strings.Split(text, ",") {
		ip := parseIP(strings.TrimSpace(part))
		if !ip.IsValid() {
			return nil, "", fmt.Sprintf("invalid %s: %q", annotationName(v, annIPs), text)
		}
		ips = append(ips, ip)
	}
	fam, refusal = familyOfAddrs(v, ips)
	if refusal != "" {
		return nil, "", refusal
	}
	return ips, fam, ""
}

// parseIP reads an address as Go's net package does: no zones, IPv4 in IPv6 is IPv4. The zero Addr stands for no address.
func parseIP(s string) netip.Addr {
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.Zone() != "" {
		return netip.Addr{}
	}
	return ip.Unmap()
}

func familyOf(ip netip.Addr) Family {
	if ip.Is4() {
		return IPv4
	}
	return IPv6
}

// familyOfTexts is the family of one or two addresses, or MetalLB's words for why they have none. Up to v0.13.12 a single
// address that is no address counts as IPv6.
func familyOfTexts(v Version, texts []string) (Family, string) {
	switch len(texts) {
	case 1:
		ip := parseIP(texts[0])
		if !ip.IsValid() && v.Since("v0.14.0") {
			return UnknownFamily, fmt.Sprintf("IPFamilyForAddresses: Invalid address %q", texts)
		}
		return familyOf(ip), ""
	case 2:
		a, b := parseIP(texts[0]), parseIP(texts[1])
		if !a.IsValid() || !b.IsValid() {
			return UnknownFamily, fmt.Sprintf("IPFamilyForAddresses: Invalid address %q", texts)
		}
		if a.Is4() == b.Is4() {
			return UnknownFamily, fmt.Sprintf("IPFamilyForAddresses: same address family %q", texts)
		}
		return DualStack, ""
	}
	return UnknownFamily, fmt.Sprintf("IPFamilyForAddresses: invalid ips length %d %q", len(texts), texts)
}

func familyOfAddrs(v Version, ips []netip.Addr) (Family, string) {
	return familyOfTexts(v, addrTexts(ips))
}

// addrTexts writes addresses as MetalLB does; the zero Addr is "<nil>".
func addrTexts(ips []netip.Addr) []string {
	out := make([]string, len(ips))
	for i, ip := range ips {
		out[i] = addrText(ip)
	}
	return out
}

func addrText(ip netip.Addr) string {
	if !ip.IsValid() {
		return "<nil>"
	}
	return ip.String()
}

// quoted writes addresses as the verb %q does: ["192.0.2.1" "2001:db8::1"].
func quoted(ips []netip.Addr) string { return fmt.Sprintf("%q", addrTexts(ips)) }

// sameAddresses compares as sets, and leaves both sorted by their text, as MetalLB does.
func sameAddresses(a, b []netip.Addr) bool {
	byText := func(x, y netip.Addr) int { return strings.Compare(addrText(x), addrText(y)) }
	slices.SortFunc(a, byText)
	slices.SortFunc(b, byText)
	return slices.Equal(a, b)
}
