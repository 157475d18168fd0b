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
			kube.ParseJSON([]byte(d.Text), d.Seen.Src, l.Index, &dumped)
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
	if len(have.Services) == 0 {
		have.Services = add.Services
	}
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
