package metallb

import (
	"fmt"
	"net"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
)

// readProfiles reads the BFDProfiles (rule bfd-limits).
func (p *parser) readProfiles() []fault {
	for i, x := range p.profiles {
		if text := p.checkProfile(x); text != "" {
			return []fault{{rule: "bfd-limits", text: fmt.Sprintf("parsing bfd profile #%d: %s", i+1, text),
				objects: []*model.Meta{&x.Meta}, order: profileKind}}
		}
		p.cfg.Profiles[x.Name] = x
	}
	return nil
}

func (p *parser) checkProfile(x *model.BFDProfile) string {
	if name, value := bfdLimit(x, "echo interval"); value != "" {
		return p.wrap(value, "invalid "+name+" value")
	}
	return ""
}

// bfdLimit returns the first field of a profile that is out of range, by the name that messages give it, and in which way; "" when all
// are within. Absent fields are. Rule: bfd-limits.
func bfdLimit(x *model.BFDProfile, echo string) (name, text string) {
	for _, f := range []struct {
		value    *uint32
		min, max uint32
		name     string
	}{
		{x.DetectMultiplier, 2, 255, "detect multiplier"},
		{x.ReceiveInterval, 10, 60000, "receive interval"},
		{x.TransmitInterval, 10, 60000, "transmit interval"},
		{x.MinimumTTL, 1, 254, "minimum ttl"},
		{x.EchoInterval, 10, 60000, echo},
	} {
		if f.value != nil && (*f.value < f.min || *f.value > f.max) {
			return f.name, fmt.Sprintf("invalid value %d, must be in %d-%d range", *f.value, f.min, f.max)
		}
	}
	return "", ""
}

// readPeers reads the BGPPeers.
func (p *parser) readPeers() []fault {
	for _, x := range p.peers {
		if rule, text, more := p.checkPeer(x); text != "" {
			objects := []*model.Meta{&x.Meta}
			if more != nil {
				objects = append(objects, more)
			}
			return []fault{{rule: rule, text: p.peerText(x.Name, text), objects: objects, order: peerKind}}
		}
		if x.BFDProfile != "" && p.cfg.Profiles[x.BFDProfile] == nil {
			return []fault{{rule: "peer-bfd-missing", text: fmt.Sprintf("peer %s referencing non existing bfd profile %s", x.Name, x.BFDProfile),
				objects: []*model.Meta{&x.Meta}, order: peerKind}}
		}
		p.cfg.Peers = append(p.cfg.Peers, x)
	}
	return nil
}

// peerText puts the peer's name to the reason.
func (p *parser) peerText(name, reason string) string {
	if p.in.Version.Since("v0.15.0") {
		return "parsing peer " + name + " " + reason
	}
	return p.wrap(reason, "parsing peer "+name)
}

// checkPeer goes through the fields of a peer in MetalLB's order. It returns the rule that is broken with MetalLB's words, and
// another object that is at fault. What a partial object does not show is not checked.
func (p *parser) checkPeer(x *model.BGPPeer) (rule, text string, more *model.Meta) {
	if rule, text := p.checkASN(x); text != "" {
		return rule, text, nil
	}
	if rule, text := p.checkPeerAddresses(x); text != "" {
		return rule, text, nil
	}
	selectors := sortedValues(x.NodeSelectors)
	if text := duplicateSelector(selectors, "nodeSelectors"); text != "" {
		return "adv-duplicate-entries", text, nil
	}
	for _, s := range selectors {
		if why := SelectorError(s); why != "" {
			return "bgp-peer-node-selectors", p.wrap(why, p.word("Failed", "failed")+" to convert peer "+x.Name+" node selector"), nil
		}
	}
	return p.checkPassword(x)
}

func (p *parser) checkASN(x *model.BGPPeer) (rule, text string) {
	dynamic := p.in.Version.Since("v0.14.9")
	switch {
	case x.MyASN == 0 && !x.Partial:
		return "peer-local-asn", "missing local ASN"
	case x.PeerASN == 0 && !dynamic && !x.Partial:
		return "peer-asn", "missing peer ASN"
	case x.PeerASN == 0 && x.DynamicASN == "" && !x.Partial:
		return "peer-asn-or-dynamic", "missing peer ASN and dynamicASN"
	case x.PeerASN != 0 && x.DynamicASN != "" && dynamic:
		return "peer-asn-or-dynamic", "both peer ASN and dynamicASN specified"
	case x.DynamicASN != "" && x.DynamicASN != "internal" && x.DynamicASN != "external" && dynamic:
		return "peer-asn-or-dynamic", "invalid dynamicASN " + x.DynamicASN
	case x.MyASN == x.PeerASN && x.EBGPMultiHop:
		return "peer-ebgp-multihop-ibgp", "invalid ebgp-multihop parameter set for an ibgp peer"
	}
	return "", ""
}

func (p *parser) checkPeerAddresses(x *model.BGPPeer) (rule, text string) {
	unnumbered := p.in.Version.Since("v0.15.0")
	if unnumbered {
		switch {
		case x.Address == "" && x.Interface == "" && !x.Partial:
			return "peer-address-or-interface", "peer has no Address or Interface specified"
		case x.Address != "" && x.Interface != "":
			return "peer-address-or-interface", "peer has both Address and Interface specified"
		}
		if rule, text := p.checkTimers(x); text != "" {
			return rule, text
		}
	}
	if net.ParseIP(x.Address) == nil && (x.Address != "" || !unnumbered && !x.Partial) {
		rule := "peer-address"
		if unnumbered {
			rule = "peer-address-or-interface"
		}
		return rule, fmt.Sprintf("invalid BGPPeer address %q", x.Address)
	}
	if !unnumbered {
		if rule, text := p.checkTimers(x); text != "" {
			return rule, text
		}
	}
	if x.RouterID != "" && net.ParseIP(x.RouterID) == nil {
		return "peer-router-id", fmt.Sprintf("invalid router ID %q", x.RouterID)
	}
	if x.SourceAddress != "" && net.ParseIP(x.SourceAddress) == nil {
		return "peer-source-address", fmt.Sprintf("invalid source IP %q", x.SourceAddress)
	}
	return "", ""
}

// checkTimers: rules peer-hold-time and peer-keepalive.
func (p *parser) checkTimers(x *model.BGPPeer) (rule, text string) {
	if p.in.Version.Until("v0.14.8") {
		return checkOldTimers(x)
	}
	if x.HoldTime == nil && x.KeepaliveTime == nil {
		return "", ""
	}
	var hold, keepalive time.Duration
	switch {
	case x.KeepaliveTime == nil:
		hold, keepalive = *x.HoldTime, *x.HoldTime/3
	case x.HoldTime == nil:
		hold, keepalive = *x.KeepaliveTime*3, *x.KeepaliveTime
	default:
		hold, keepalive = *x.HoldTime, *x.KeepaliveTime
	}
	if tooShort(hold) {
		return "peer-hold-time", fmt.Sprintf("invalid BGPPeer timers: invalid hold time %q: must be 0 or >=3s", durationText(x.HoldTime))
	}
	if keepalive > hold {
		return "peer-keepalive", fmt.Sprintf("invalid BGPPeer timers: invalid keepaliveTime %q, must be lower than holdTime %q",
			durationText(x.KeepaliveTime), durationText(x.HoldTime))
	}
	return "", ""
}

// checkOldTimers is checkTimers from v0.13.0 to v0.14.8, where zero and absent are the default: 90 s, a third of it.
func checkOldTimers(x *model.BGPPeer) (rule, text string) {
	hold := 90 * time.Second
	if x.HoldTime != nil && *x.HoldTime != 0 {
		hold = *x.HoldTime
	}
	if tooShort(hold) {
		return "peer-hold-time", fmt.Sprintf("invalid hold time %q: must be 0 or >=3s", hold)
	}
	if x.KeepaliveTime != nil && *x.KeepaliveTime > hold {
		return "peer-keepalive", fmt.Sprintf("invalid keepaliveTime {%q}", *x.KeepaliveTime)
	}
	return "", ""
}

func tooShort(hold time.Duration) bool {
	whole := hold.Truncate(time.Second)
	return whole != 0 && whole < 3*time.Second
}

// durationText is how Kubernetes' type prints itself.
func durationText(d *time.Duration) string {
	if d == nil {
		return "nil"
	}
	return fmt.Sprintf("&Duration{Duration:%v,}", *d)
}

// checkPassword: the secret is looked up by its name in MetalLB's namespace, whatever namespace the reference has.
func (p *parser) checkPassword(x *model.BGPPeer) (rule, text string, more *model.Meta) {
	if x.PasswordSecret == "" {
		return "", "", nil
	}
	if x.HasPassword {
		return "peer-password-both", fmt.Sprintf("can not have both password and secret ref set in peer config %q/%q", x.Namespace, x.Name), nil
	}
	if p.in.Objects == nil {
		return "", "", nil
	}
	const context = "failed to parse peer "
	text, rule = "", ""
	secret := p.secret(x.PasswordSecret)
	switch {
	case secret == nil && !p.in.SecretsKnown:
		return "", "", nil
	case secret == nil:
		rule, text = "peer-secret-missing", fmt.Sprintf("secret ref not found for peer config %q/%q", x.Namespace, x.Name)
	case secret.Type != "kubernetes.io/basic-auth" && (secret.Type != "" || !secret.Partial):
		rule, text = "peer-secret-type", fmt.Sprintf("secret type mismatch on %q/%q, type %q is expected ", secret.Namespace, secret.Name,
			"kubernetes.io/basic-auth")
	case !hasKey(secret, "password") && !secret.Partial:
		rule, text = "peer-secret-type", fmt.Sprintf("password not specified in the secret %q/%q", secret.Namespace, secret.Name)
	default:
		return "", "", nil
	}
	if p.in.Version.Since("v0.14.6") {
		text = p.wrap(text, context+x.Name+" password secret")
	}
	if secret != nil {
		more = &secret.Meta
	}
	return rule, text, more
}

func (p *parser) secret(name string) *model.Secret {
	for _, s := range p.in.Objects.Secrets {
		if s.Name == name && (p.in.Namespace == "" || s.Namespace == p.in.Namespace) {
			return s
		}
	}
	return nil
}

func hasKey(s *model.Secret, key string) bool {
	for _, k := range s.Keys {
		if k == key {
			return true
		}
	}
	return false
}
