package analyze

import (
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/kube"
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
			}
			dumped.Append(&one)
		}
	}
	have, add := &all.Objects, &dumped.Objects
	if len(have.Pools)+len(have.L2Advertisements)+len(have.BGPAdvertisements)+len(have.Peers)+len(all.ConfigListings()) == 0 {
		have.Pools, have.L2Advertisements, have.BGPAdvertisements = add.Pools, add.L2Advertisements, add.BGPAdvertisements
		have.Peers, have.BFDProfiles, have.Communities, have.AddressPools = add.Peers, add.BFDProfiles, add.Communities, add.AddressPools
		all.Listings = append(all.Listings, dumped.Listings...)
	}
	if len(have.Nodes) == 0 {
		have.Nodes = add.Nodes
	}
	addDumpedServices(all, add.Services)
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

// addDumpedServices takes Services that a controller could not handle and printed, where nothing else shows them.
func addDumpedServices(all *model.Observations, dumped []*model.Service) {
	known := map[string]bool{}
	for _, s := range all.Services {
		known[s.Key()] = true
	}
	for _, l := range all.Listings {
		if l.Resource == "services" && l.AllNamespaces && l.Error == "" {
			return
		}
	}
	gone := map[string]bool{}
	for _, l := range all.Logs {
		for _, e := range l.Find(model.MsgDeleted) {
			gone[e.Service] = gone[e.Service] || lastWord(l, e)
		}
	}
	for _, s := range dumped {
		if !known[s.Key()] && !gone[s.Key()] {
			all.Services = append(all.Services, s)
		}
	}
}

// lastWord tells whether a log has nothing on the event's Service behind it.
func lastWord(l *model.Log, e *model.LogEvent) bool {
	for _, o := range l.Events {
		if o.Service == e.Service && o.ID != model.MsgReconcile && o.Last.After(e.Last) {
			return false
		}
	}
	return true
}

// addNodeStates reads the running configurations that FRRNodeStates hold.
func addNodeStates(all *model.Observations) {
	for _, st := range all.FRRNodeStates {
		if st.RunningConfig == "" {
			continue
		}
		src := st.At("status.runningConfig")
		o := schema.Origin{Path: src.Member, FirstLine: 1, Kind: schema.KindFRRConf, Node: st.Node}
		frrconf.ParseText(o, max(st.RunningConfigLine, src.Line), st.RunningConfig, true, all)
	}
}
