package metallb

import (
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// ParseConfig says whether a component takes the configuration that the objects make, and what it makes of it. The node is the
// speaker's own; it matters since v0.16.0 (rule speaker-filters-by-node) and is not used for the controller. Exactly one of the
// results is nil.
//
// A refusal is what MetalLB would say with its objects in order of name; where it reads them in another order (rule
// parse-in-name-order), Also has the other texts that it may give instead. Whether it refuses does not depend on the order. What a
// partial object does not show is no fault.
func ParseConfig(in Input, c Component, node string) (*Config, *Refusal) {
	if in.Version.Known() && in.Version.Until("v0.12.1") {
		return parseLegacyConfig(in, c)
	}
	p := newParser(in, c, node)
	faults := p.run()
	if len(faults) == 0 {
		return p.cfg, nil
	}
	return nil, p.refusal(faults)
}

// kind is a kind of objects in the configuration.
type kind int

const (
	noKind kind = iota
	poolKind
	legacyKind
	l2Kind
	bgpKind
	peerKind
	profileKind
	communityKind
)

// fault is one way in which reading the configuration ends.
type fault struct {
	rule, text string
	objects    []*model.Meta
	order      kind // the kind whose order decides which fault shows
	handler    bool
	retry      bool
}

// parser holds the objects of one configuration, in the order in which they are read, and what came out so far.
type parser struct {
	in   Input
	c    Component
	node *model.Node // the speaker's own, nil when unknown

	pools       []*model.IPAddressPool
	legacy      []*model.AddressPool
	l2          []*model.L2Advertisement
	bgp         []*model.BGPAdvertisement
	peers       []*model.BGPPeer
	profiles    []*model.BFDProfile
	communities []*model.Community
	extras      *model.ConfigMap // bgpextras with text

	cfg    *Config
	byName map[string]*Pool
}

// newParser takes the objects that the component reads, sorted by name (rule read-resources).
func newParser(in Input, c Component, node string) *parser {
	p := &parser{in: in, c: c}
	o := in.Objects
	if o == nil {
		o = &model.Objects{}
	}
	p.pools = mine(in, o.Pools, func(x *model.IPAddressPool) *model.Meta { return &x.Meta })
	p.communities = mine(in, o.Communities, func(x *model.Community) *model.Meta { return &x.Meta })
	if in.Version.Until("v0.13.12") { // rule read-addresspool
		p.legacy = mine(in, o.AddressPools, func(x *model.AddressPool) *model.Meta { return &x.Meta })
	}
	if c == Controller { // rule controller-input-pools
		return p
	}
	p.l2 = mine(in, o.L2Advertisements, func(x *model.L2Advertisement) *model.Meta { return &x.Meta })
	p.bgp = mine(in, o.BGPAdvertisements, func(x *model.BGPAdvertisement) *model.Meta { return &x.Meta })
	p.peers = mine(in, o.Peers, func(x *model.BGPPeer) *model.Meta { return &x.Meta })
	p.profiles = mine(in, o.BFDProfiles, func(x *model.BFDProfile) *model.Meta { return &x.Meta })
	for _, m := range mine(in, o.ConfigMaps, func(x *model.ConfigMap) *model.Meta { return &x.Meta }) {
		if m.Name == "bgpextras" && m.Data["extras"] != "" {
			p.extras = m
		}
	}
	for _, n := range o.Nodes {
		if n.Name == node {
			p.node = n
		}
	}
	return p
}

// mine is the objects in MetalLB's namespace, sorted by name; the others are ignored (rule resources-elsewhere-ignored). Of two
// objects of one name the later one is the one that exists.
func mine[T any](in Input, objects []T, meta func(T) *model.Meta) []T {
	var taken []T
	at := map[string]int{}
	for _, x := range objects {
		m := meta(x)
		if in.Namespace != "" && m.Namespace != in.Namespace {
			continue
		}
		if i, ok := at[m.Key()]; ok {
			taken[i] = x
			continue
		}
		at[m.Key()] = len(taken)
		taken = append(taken, x)
	}
	slices.SortStableFunc(taken, func(a, b T) int {
		switch x, y := meta(a).Name, meta(b).Name; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return taken
}

// run reads the configuration and stops at the first fault (rule first-error-only). It returns the faults of which any one may be
// the first, none when the configuration is good; an empty one is (rule empty-config-valid).
func (p *parser) run() []fault {
	p.cfg = &Config{Profiles: map[string]*model.BFDProfile{}, Communities: map[string]string{}}
	p.byName = map[string]*Pool{}
	steps := []func() []fault{
		p.filterByNode,
		p.checkMode,
		p.readProfiles,
		p.readPeers,
		p.readCommunities,
		p.readPools,
		p.attachL2,
		p.attachBGP,
		p.readLegacyPools,
		p.checkBFDEcho,
		p.checkExtras,
	}
	for _, step := range steps {
		if faults := step(); len(faults) > 0 {
			return faults
		}
	}
	slices.SortFunc(p.cfg.Pools, func(a, b *Pool) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return nil
}

// native and frr tell which rules of mode hold.
func (p *parser) native() bool { return p.in.Mode == schema.ModeNative }

func (p *parser) frr() bool {
	return p.in.Mode == schema.ModeFRR || p.in.Mode == schema.ModeFRRK8s && p.in.Version.Since("v0.14.0")
}

// wrap puts what was being read around the reason: in front until v0.14.5, on a line behind since v0.14.6.
func (p *parser) wrap(reason, context string) string {
	if p.in.Version.Since("v0.14.6") {
		return reason + "\n" + context
	}
	return context + ": " + reason
}

// word is a text's first letter as the release has it: upper case until v0.14.5.
func (p *parser) word(upper, lower string) string {
	if p.in.Version.Since("v0.14.6") {
		return lower
	}
	return upper
}
