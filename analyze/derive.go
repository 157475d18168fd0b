package analyze

import (
	"time"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/kube"
	"github.com/metallb-assay/assay/analyze/parse/text"
	"github.com/metallb-assay/assay/schema"
)

// addDumps reads the objects that logs print at debug level, for the kinds that nothing else has: a log shows the past, an
// attached object the present.
func addDumps(all *model.Observations) {
	var dumped model.Observations
	for _, l := range all.Logs {
		for _, d := range l.Dumps {
			var one model.Observations
			kube.ParseJSON([]byte(d.Text), d.Seen.Src, l.Index, &one)
			if l.Component != model.Speaker {
				keepWhatControllersRead(&one)
			} else {
				nodeViews(&one, l)
			}
			dumped.Append(&one)
		}
	}
	fillFromDumps(all, &dumped)
	addDumpedServices(all, dumped.Services)
}

// fillFromDumps takes the kinds of MetalLB's configuration that nothing attached shows, object or listing, from the dumps.
func fillFromDumps(all, dumped *model.Observations) {
	have, add := &all.Objects, &dumped.Objects
	missing := func(resource string, n int) bool {
		if n > 0 {
			return false
		}
		for _, l := range all.Listings {
			if l.Resource == resource && l.Error == "" && len(l.Names) == 0 {
				return false
			}
		}
		return true
	}
	take := map[string]bool{}
	fill := func(resource string, n int, copyOver func()) {
		if missing(resource, n) {
			take[resource] = true
			copyOver()
		}
	}
	fill("ipaddresspools", len(have.Pools), func() { have.Pools = add.Pools })
	fill("addresspools", len(have.AddressPools), func() { have.AddressPools = add.AddressPools })
	fill("l2advertisements", len(have.L2Advertisements), func() { have.L2Advertisements = add.L2Advertisements })
	fill("bgpadvertisements", len(have.BGPAdvertisements), func() { have.BGPAdvertisements = add.BGPAdvertisements })
	fill("bgppeers", len(have.Peers), func() { have.Peers = add.Peers })
	fill("bfdprofiles", len(have.BFDProfiles), func() { have.BFDProfiles = add.BFDProfiles })
	fill("communities", len(have.Communities), func() { have.Communities = add.Communities })
	for _, l := range dumped.Listings {
		if take[l.Resource] {
			all.Listings = append(all.Listings, l)
		}
	}
}

// nodeViews marks what a speaker's dump shows as the view of its node where the release may have left out what does not select it
// (rule speaker-filters-by-node, v0.16.0).
func nodeViews(o *model.Observations, l *model.Log) {
	if v, ok := metallb.ParseVersion(l.Version); ok && v.Until("v0.15.3") {
		return
	}
	for i := range o.Listings {
		if r := o.Listings[i].Resource; r == "bgppeers" || r == "bgpadvertisements" {
			o.Listings[i].NodeView, o.Listings[i].Node = true, l.Node
		}
	}
}

// keepWhatControllersRead drops the kinds that a controller's dump shows empty because it never reads them (rule
// controller-input-pools).
func keepWhatControllersRead(o *model.Observations) {
	o.L2Advertisements, o.BGPAdvertisements, o.Peers, o.BFDProfiles, o.Nodes = nil, nil, nil, nil, nil
	var kept []model.Listing
	for _, l := range o.Listings {
		if l.Resource == "ipaddresspools" || l.Resource == "communities" || l.Resource == "services" {
			kept = append(kept, l)
		}
	}
	o.Listings = kept
}

// addDumpedServices takes Services that a controller could not handle and printed, where nothing else shows them but a row of a table.
func addDumpedServices(all *model.Observations, dumped []*model.Service) {
	known := map[string]bool{}
	rows := map[string]bool{}
	for _, s := range all.Services {
		if rows[s.Key()] = true; !s.Partial || len(s.Known) > rowParts {
			known[s.Key()] = true
		}
	}
	listed := false
	for _, l := range all.Listings {
		listed = listed || l.Resource == "services" && l.AllNamespaces && l.Error == ""
	}
	gone := map[string]bool{}
	for _, l := range all.Logs {
		for service := range l.Gone() {
			gone[service] = true
		}
	}
	for _, s := range dumped {
		if known[s.Key()] || gone[s.Key()] || listed && !rows[s.Key()] {
			continue
		}
		s.Printed = true
		all.Services = append(all.Services, s)
	}
}

// rowParts is how many parts of a Service a row of `kubectl get services` knows at most; whoever described it showed more.
const rowParts = 7

// addNodeStates reads the running configurations that FRRNodeStates hold.
func addNodeStates(all *model.Observations) {
	for _, st := range all.FRRNodeStates {
		if st.RunningConfig == "" {
			continue
		}
		src := st.At("status.runningConfig")
		o := schema.Origin{Path: src.Member, FirstLine: 1, Kind: schema.KindFRRConf, Node: st.Node}
		before := len(all.FRRConfs)
		frrconf.ParseText(o, max(st.RunningConfigLine, src.Line), st.RunningConfig, true, all)
		for i := before; i < len(all.FRRConfs); i++ {
			all.FRRConfs[i].Status = true
		}
	}
}

// addWebhookWords takes what events and logs of other programs (of Flux, Argo CD, Helm controllers, the API server) say of webhooks as
// remarks, beside those of terminals. Those of a moment before a pool was made are history.
func addWebhookWords(all *model.Observations) {
	add := func(said string, at time.Time, src schema.Evidence) {
		r, ok := text.WebhookWords(said)
		if !ok {
			return
		}
		for _, p := range all.Pools {
			if !at.IsZero() && p.Created.After(at) {
				return
			}
		}
		r.Src, r.Time = src, at
		r.Origin = schema.Origin{Path: src.Member, FirstLine: 1}
		all.Remarks = append(all.Remarks, r)
	}
	for _, e := range all.Events {
		if e.Type != "Normal" {
			add(e.Message, e.Last, e.Src)
		}
	}
	for _, l := range all.Logs {
		if l.Component == model.Controller || l.Component == model.Speaker || l.Component == model.FRRK8s || l.Origin.Previous {
			continue // MetalLB's own words have their own places
		}
		for _, e := range l.Events {
			add(e.Text+" "+e.Value+" "+e.Error, e.Last.Time, e.Last.Src)
		}
	}
}
