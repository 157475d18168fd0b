package metallb

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v2"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// The keys of the configuration until v0.12.1, which is the text under the key config of ConfigMap config (rule read-configmap). The decoder
// refuses unknown and repeated keys, and of its releases this one complains in the words that such controllers log.
type (
	configFile struct {
		Peers       []filePeer
		Communities map[string]string `yaml:"bgp-communities"`
		Pools       []filePool        `yaml:"address-pools"`
		Profiles    []fileProfile     `yaml:"bfd-profiles"`
	}
	filePeer struct {
		MyASN         uint32         `yaml:"my-asn"`
		ASN           uint32         `yaml:"peer-asn"`
		Addr          string         `yaml:"peer-address"`
		SrcAddr       string         `yaml:"source-address"`
		Port          uint16         `yaml:"peer-port"`
		HoldTime      string         `yaml:"hold-time"`
		KeepaliveTime string         `yaml:"keepalive-time"`
		RouterID      string         `yaml:"router-id"`
		NodeSelectors []fileSelector `yaml:"node-selectors"`
		Password      string         `yaml:"password"`
		BFDProfile    string         `yaml:"bfd-profile"`
		EBGPMultiHop  bool           `yaml:"ebgp-multihop"`
	}
	fileSelector struct {
		MatchLabels      map[string]string `yaml:"match-labels"`
		MatchExpressions []fileRequirement `yaml:"match-expressions"`
	}
	fileRequirement struct {
		Key      string
		Operator string
		Values   []string
	}
	filePool struct {
		Protocol          string
		Name              string
		Addresses         []string
		AvoidBuggyIPs     bool        `yaml:"avoid-buggy-ips"`
		AutoAssign        *bool       `yaml:"auto-assign"`
		BGPAdvertisements []fileBGPAd `yaml:"bgp-advertisements"`
	}
	fileBGPAd struct {
		AggregationLength   *int `yaml:"aggregation-length"`
		AggregationLengthV6 *int `yaml:"aggregation-length-v6"`
		LocalPref           *uint32
		Communities         []string
	}
	fileProfile struct {
		Name             string
		ReceiveInterval  *uint32 `yaml:"receive-interval"`
		TransmitInterval *uint32 `yaml:"transmit-interval"`
		DetectMultiplier *uint32 `yaml:"detect-multiplier"`
		EchoInterval     *uint32 `yaml:"echo-interval"`
		EchoMode         bool    `yaml:"echo-mode"`
		PassiveMode      bool    `yaml:"passive-mode"`
		MinimumTTL       *uint32 `yaml:"minimum-ttl"`
	}
)

// fileTypes are the names that MetalLB's types have in the decoder's complaints.
var fileTypes = strings.NewReplacer(
	"metallb.configFile", "config.configFile", "metallb.filePeer", "config.peer", "metallb.fileSelector", "config.nodeSelector",
	"metallb.fileRequirement", "config.selectorRequirements", "metallb.filePool", "config.addressPool",
	"metallb.fileBGPAd", "config.bgpAdvertisement", "metallb.fileProfile", "config.bfdProfile",
)

// maxConfigText bounds the text that is decoded, in bytes; a ConfigMap holds at most 1 MiB.
const maxConfigText = 2 << 20

// fileParser reads such a configuration.
type fileParser struct {
	in   Input
	meta *model.Meta
	file configFile
	cfg  *Config
}

// parseLegacyConfig is ParseConfig until v0.12.1. Without the ConfigMap it refuses with rule empty-config-error; whether the
// ConfigMap is missing or only not in the input is for the caller to know.
func parseLegacyConfig(in Input, c Component) (*Config, *Refusal) {
	m := legacyConfigMap(in)
	if m == nil {
		return nil, &Refusal{Stage: "handler", Error: "no MetalLB configuration in cluster", Rule: "empty-config-error"}
	}
	p := &fileParser{in: in, meta: &m.Meta, cfg: &Config{Profiles: map[string]*model.BFDProfile{}, Communities: map[string]string{}}}
	text := m.Data["config"]
	if len(text) > maxConfigText {
		text = text[:maxConfigText]
	}
	if err := yaml.UnmarshalStrict([]byte(text), &p.file); err != nil {
		return nil, p.refusal([]fault{{rule: "read-configmap", text: "could not parse config: " + fileTypes.Replace(err.Error())}})
	}
	steps := []func() []fault{p.readProfiles, p.readPeers, p.readCommunities, p.readPools}
	if c == Speaker { // rule controller-no-mode-rules
		steps = slices.Insert(steps, 0, p.checkMode)
	}
	for _, step := range steps {
		if faults := step(); len(faults) > 0 {
			return nil, p.refusal(faults)
		}
	}
	slices.SortFunc(p.cfg.Pools, func(a, b *Pool) int { return strings.Compare(a.Name, b.Name) })
	return p.cfg, nil
}

// legacyConfigMap is the ConfigMap config in MetalLB's namespace, nil if it is not there.
func legacyConfigMap(in Input) *model.ConfigMap {
	if in.Objects == nil {
		return nil
	}
	for _, m := range in.Objects.ConfigMaps {
		if m.Name == "config" && (in.Namespace == "" || m.Namespace == in.Namespace) {
			return m
		}
	}
	return nil
}

// refusal names the ConfigMap as what is at fault. The entries are read in the order of the text, but communities are a map, of which any bad
// one may come first.
func (p *fileParser) refusal(faults []fault) *Refusal {
	texts := faultTexts(nil, faults)
	return &Refusal{Stage: "parse", Error: texts[0], Also: texts[1:], Rule: faults[0].rule, Objects: []*model.Meta{p.meta}}
}

// broken is one fault, of no object but the ConfigMap.
func broken(rule, format string, args ...any) []fault {
	return []fault{{rule: rule, text: fmt.Sprintf(format, args...)}}
}

// checkMode applies the rules of the speaker's mode; frr-k8s did not exist yet.
func (p *fileParser) checkMode() []fault {
	switch p.in.Mode {
	case schema.ModeNative:
		return p.checkNative()
	case schema.ModeFRR:
		return p.checkFRR()
	}
	return nil
}

// checkNative: rules native-no-bfd, native-no-keepalive and native-no-ipv6-bgp-pool.
func (p *fileParser) checkNative() []fault {
	for _, x := range p.file.Peers {
		if x.BFDProfile != "" {
			return broken("native-no-bfd", "peer %s has bfd-profile set on native bgp mode", x.Addr)
		}
		if x.KeepaliveTime != "" {
			return broken("native-no-keepalive", "peer %s has keepalive-time set on native bgp mode", x.Addr)
		}
	}
	if len(p.file.Profiles) > 0 {
		return broken("native-no-bfd", "bfd profiles section set")
	}
	for _, x := range p.file.Pools {
		if x.Protocol != "bgp" {
			continue
		}
		for _, entry := range x.Addresses {
			cidrs, err := parseEntry(entry, p.in.Version)
			if err != nil {
				return broken("pool-bad-cidr", "invalid CIDR %q in pool %q: %s", entry, x.Name, err)
			}
			for _, c := range cidrs {
				if !c.Addr().Is4() {
					return broken("native-no-ipv6-bgp-pool", "pool %q has ipv6 CIDR %s, native bgp mode does not support ipv6", x.Name, c)
				}
			}
		}
	}
	return nil
}

// checkFRR holds each peer against the first: rules frr-same-router-id and frr-same-asn; then frr-duplicate-address.
func (p *fileParser) checkFRR() []fault {
	if len(p.file.Peers) == 0 {
		return nil
	}
	first := p.file.Peers[0]
	seen := map[string]bool{first.Addr: true}
	for _, x := range p.file.Peers[1:] {
		if x.RouterID != first.RouterID {
			return broken("frr-same-router-id", "peer %s has RouterID different from %s, in FRR mode all RouterID must be equal", x.RouterID, first.RouterID)
		}
		if x.MyASN != first.MyASN {
			return broken("frr-same-asn", "peer %s has myAsn different from %s, in FRR mode all myAsn must be equal", x.Addr, first.Addr)
		}
		if seen[x.Addr] {
			return broken("frr-duplicate-address", "peer %s already exists, FRR mode doesn't support duplicate BGPPeers", x.Addr)
		}
		seen[x.Addr] = true
	}
	return nil
}

// readProfiles reads bfd-profiles. In messages the echo interval has the name of the minimum TTL, as decisions of v0.12.1 show.
func (p *fileParser) readProfiles() []fault {
	for i, x := range p.file.Profiles {
		if x.Name == "" {
			return broken("bfd-limits", "parsing bfd profile #%d: missing bfd profile name", i+1)
		}
		profile := x.profile(p.meta)
		if name, text := bfdLimit(profile, "minimum ttl"); text != "" {
			return broken("bfd-limits", "parsing bfd profile #%d: invalid %s value: %s", i+1, name, text)
		}
		if p.cfg.Profiles[x.Name] != nil {
			return broken("bfd-limits", "found duplicate bfd profile name %s", x.Name)
		}
		p.cfg.Profiles[x.Name] = profile
	}
	return nil
}

// profile is the entry as the resource that came after it; its object is the ConfigMap.
func (x *fileProfile) profile(m *model.Meta) *model.BFDProfile {
	return &model.BFDProfile{Meta: *m, ReceiveInterval: x.ReceiveInterval, TransmitInterval: x.TransmitInterval,
		DetectMultiplier: x.DetectMultiplier, EchoInterval: x.EchoInterval, MinimumTTL: x.MinimumTTL, EchoMode: &x.EchoMode, PassiveMode: &x.PassiveMode}
}

// readPeers reads peers. Rules: those of readPeer, peer-bfd-missing and peer-duplicate.
func (p *fileParser) readPeers() []fault {
	var before []string
	for i, x := range p.file.Peers {
		peer, rule, text := p.readPeer(x)
		if text != "" {
			return broken(rule, "parsing peer #%d: %s", i+1, text)
		}
		if x.BFDProfile != "" && p.cfg.Profiles[x.BFDProfile] == nil {
			return broken("peer-bfd-missing", "peer #%d referencing non existing bfd profile %s", i+1, x.BFDProfile)
		}
		same := samePeer(peer, x.Password)
		if slices.Contains(before, same) {
			return broken("peer-duplicate", "peer #%d already exists", i+1)
		}
		before = append(before, same)
		p.cfg.Peers = append(p.cfg.Peers, peer)
	}
	return nil
}

// samePeer is a text that is the same for peers that MetalLB takes for identical.
func samePeer(x *model.BGPPeer, password string) string {
	selectors := make([]string, len(x.NodeSelectors))
	for i, s := range sortedValues(x.NodeSelectors) {
		slices.SortFunc(s.Expressions, func(a, b model.Requirement) int { return strings.Compare(a.Key, b.Key) })
		selectors[i] = stringOf(s)
	}
	return fmt.Sprintf("%d %d %v %v %d %v %v %v %q %q %t %q", x.MyASN, x.PeerASN, net.ParseIP(x.Address), net.ParseIP(x.SourceAddress), x.Port,
		*x.HoldTime, *x.KeepaliveTime, net.ParseIP(x.RouterID), selectors, x.BFDProfile, x.EBGPMultiHop, password)
}

// readPeer returns the peer, or the rule that it breaks with MetalLB's words. Of several the first counts, in the order of the checks here.
func (p *fileParser) readPeer(x filePeer) (peer *model.BGPPeer, rule, text string) {
	switch {
	case x.MyASN == 0:
		return nil, "peer-local-asn", "missing local ASN"
	case x.ASN == 0:
		return nil, "peer-asn", "missing peer ASN"
	case x.ASN == x.MyASN && x.EBGPMultiHop:
		return nil, "peer-ebgp-multihop-ibgp", "invalid ebgp-multihop parameter set for an ibgp peer"
	case net.ParseIP(x.Addr) == nil:
		return nil, "peer-address", fmt.Sprintf("invalid peer IP %q", x.Addr)
	}
	hold, keepalive, rule, text := fileTimers(x)
	if text != "" {
		return nil, rule, text
	}
	if x.RouterID != "" && net.ParseIP(x.RouterID) == nil {
		return nil, "peer-router-id", fmt.Sprintf("invalid router ID %q", x.RouterID)
	}
	if x.SrcAddr != "" && net.ParseIP(x.SrcAddr) == nil {
		return nil, "peer-source-address", fmt.Sprintf("invalid source IP %q", x.SrcAddr)
	}
	peer = &model.BGPPeer{Meta: *p.meta, MyASN: x.MyASN, PeerASN: x.ASN, Address: x.Addr, SourceAddress: x.SrcAddr, Port: int(x.Port),
		HoldTime: &hold, KeepaliveTime: &keepalive, RouterID: x.RouterID, HasPassword: x.Password != "", BFDProfile: x.BFDProfile,
		EBGPMultiHop: x.EBGPMultiHop}
	if peer.Port == 0 {
		peer.Port = 179
	}
	for _, s := range x.NodeSelectors {
		selector := model.Selector{MatchLabels: s.MatchLabels}
		for _, r := range s.MatchExpressions {
			selector.Expressions = append(selector.Expressions, model.Requirement(r))
		}
		if why := SelectorError(selector); why != "" {
			return nil, "bgp-peer-node-selectors", "parsing node selector: " + why
		}
		peer.NodeSelectors = append(peer.NodeSelectors, selector)
	}
	return peer, "", ""
}

// fileTimers returns the two times, cut to whole seconds: 90 s and a third of the hold time where they are absent. Rules: peer-hold-time,
// peer-keepalive.
func fileTimers(x filePeer) (hold, keepalive time.Duration, rule, text string) {
	hold = 90 * time.Second
	if x.HoldTime != "" {
		d, err := time.ParseDuration(x.HoldTime)
		if err != nil {
			return 0, 0, "peer-hold-time", fmt.Sprintf("invalid hold time %q: %s", x.HoldTime, err)
		}
		if tooShort(d) {
			return 0, 0, "peer-hold-time", fmt.Sprintf("invalid hold time %q: must be 0 or >=3s", x.HoldTime)
		}
		hold = d.Truncate(time.Second)
	}
	keepalive = hold / 3
	if x.KeepaliveTime != "" {
		d, err := time.ParseDuration(x.KeepaliveTime)
		if err != nil {
			return 0, 0, "peer-keepalive", fmt.Sprintf("invalid keepalive time %q: %s", x.KeepaliveTime, err)
		}
		keepalive = d.Truncate(time.Second)
	}
	if keepalive > hold {
		return 0, 0, "peer-keepalive", fmt.Sprintf("invalid keepaliveTime %q", x.KeepaliveTime)
	}
	return hold, keepalive, "", ""
}
