package metallb

import "github.com/metallb-assay/assay/analyze/model"

// readLegacyPools reads the AddressPools (rule read-addresspool). Advertisements do not select them; they bring their own.
func (p *parser) readLegacyPools() []fault {
	for _, x := range p.legacy {
		pool := &Pool{Name: x.Name, Auto: x.AutoAssign == nil || *x.AutoAssign, Protocol: x.Protocol, Object: &x.Meta}
		rule, text := p.readAddresses(pool, x.Addresses, &x.Meta)
		var faults []fault
		if text == "" {
			faults = p.readProtocol(x, pool)
		} else {
			faults = poolFault(legacyKind, rule, text, &x.Meta)
		}
		for i := range faults {
			faults[i].text = "parsing address pool " + x.Name + ": " + faults[i].text
		}
		if len(faults) > 0 {
			return faults
		}
		if f := p.addPool(pool, legacyKind); f != nil {
			return f
		}
	}
	return nil
}

// readProtocol gives an AddressPool its advertisements.
func (p *parser) readProtocol(x *model.AddressPool, pool *Pool) []fault {
	const rule = "pool-protocol-required"
	switch {
	case x.Protocol == "layer2" && len(x.BGPAdvertisements) > 0:
		return poolFault(legacyKind, rule, "cannot have bgp-advertisements configuration element in a layer2 address pool", &x.Meta)
	case x.Protocol == "layer2":
		pool.L2 = []*model.L2Advertisement{{Meta: x.Meta}}
	case x.Protocol == "bgp":
		return p.readLegacyBGP(x, pool)
	case x.Protocol == "" && !x.Partial:
		return poolFault(legacyKind, rule, "address pool is missing the protocol field", &x.Meta)
	case x.Protocol != "":
		return poolFault(legacyKind, rule, "unknown protocol \""+x.Protocol+"\"", &x.Meta)
	}
	return nil
}

// readLegacyBGP reads the bgpAdvertisements of an AddressPool; without any there is one of defaults.
func (p *parser) readLegacyBGP(x *model.AddressPool, pool *Pool) []fault {
	if len(x.BGPAdvertisements) == 0 {
		pool.BGP = []*model.BGPAdvertisement{{Meta: x.Meta}}
		return nil
	}
	wrapped := func(faults []fault) []fault {
		for i := range faults {
			faults[i].text, faults[i].order = "parsing BGP advertisements: "+faults[i].text, legacyKind
		}
		return faults
	}
	for i := range x.BGPAdvertisements {
		adv := &x.BGPAdvertisements[i]
		if text := duplicateString(adv.Communities, "community"); text != "" {
			return wrapped(poolFault(legacyKind, "adv-duplicate-entries", text, &x.Meta))
		}
		if rule, text := p.checkAggregation(adv); text != "" {
			return wrapped(poolFault(legacyKind, rule, text, &x.Meta))
		}
		if faults := p.tooSpecificFaults(adv, pool); len(faults) > 0 {
			return wrapped(faults)
		}
		for _, c := range adv.Communities {
			if _, bad := communityOf(c, p.cfg.Communities, p.in.Version); bad != nil {
				return wrapped(poolFault(legacyKind, "community-unknown", p.wrap(bad.text, "invalid community \""+c+"\" in BGP advertisement"), &x.Meta))
			}
		}
		mine := *adv
		mine.Meta = x.Meta
		pool.BGP = append(pool.BGP, &mine)
	}
	return nil
}
