package model

// Append puts what o says behind what obs says already; members are appended in their order.
func (obs *Observations) Append(o *Observations) {
	obs.Objects.Append(&o.Objects)
	obs.Listings = append(obs.Listings, o.Listings...)
	obs.Steps = append(obs.Steps, o.Steps...)
	obs.Logs = append(obs.Logs, o.Logs...)
	obs.Metrics = append(obs.Metrics, o.Metrics...)
	obs.Neighbors = append(obs.Neighbors, o.Neighbors...)
	obs.Routes = append(obs.Routes, o.Routes...)
	obs.Tables = append(obs.Tables, o.Tables...)
	obs.BFD = append(obs.BFD, o.BFD...)
	obs.NextHops = append(obs.NextHops, o.NextHops...)
	obs.FRRConfs = append(obs.FRRConfs, o.FRRConfs...)
	obs.Versions = append(obs.Versions, o.Versions...)
	obs.Ifaces = append(obs.Ifaces, o.Ifaces...)
	obs.Rules = append(obs.Rules, o.Rules...)
	obs.ARP = append(obs.ARP, o.ARP...)
	obs.Sysctls = append(obs.Sysctls, o.Sysctls...)
	obs.Firewall = append(obs.Firewall, o.Firewall...)
	obs.Firewalls = append(obs.Firewalls, o.Firewalls...)
	obs.IPVS = append(obs.IPVS, o.IPVS...)
	obs.Sockets = append(obs.Sockets, o.Sockets...)
	obs.Probes = append(obs.Probes, o.Probes...)
	obs.Captures = append(obs.Captures, o.Captures...)
	obs.Remarks = append(obs.Remarks, o.Remarks...)
	obs.Commands = append(obs.Commands, o.Commands...)
	obs.Members = append(obs.Members, o.Members...)
	obs.Turned = append(obs.Turned, o.Turned...)
}

// Append puts o's objects behind those that are there.
func (obj *Objects) Append(o *Objects) {
	obj.Pools = append(obj.Pools, o.Pools...)
	obj.AddressPools = append(obj.AddressPools, o.AddressPools...)
	obj.L2Advertisements = append(obj.L2Advertisements, o.L2Advertisements...)
	obj.BGPAdvertisements = append(obj.BGPAdvertisements, o.BGPAdvertisements...)
	obj.Peers = append(obj.Peers, o.Peers...)
	obj.BFDProfiles = append(obj.BFDProfiles, o.BFDProfiles...)
	obj.Communities = append(obj.Communities, o.Communities...)
	obj.L2Statuses = append(obj.L2Statuses, o.L2Statuses...)
	obj.BGPStatuses = append(obj.BGPStatuses, o.BGPStatuses...)
	obj.ConfigurationStates = append(obj.ConfigurationStates, o.ConfigurationStates...)
	obj.FRRConfigurations = append(obj.FRRConfigurations, o.FRRConfigurations...)
	obj.FRRNodeStates = append(obj.FRRNodeStates, o.FRRNodeStates...)
	obj.BGPSessionStates = append(obj.BGPSessionStates, o.BGPSessionStates...)
	obj.FRRK8sConfigs = append(obj.FRRK8sConfigs, o.FRRK8sConfigs...)
	obj.Operators = append(obj.Operators, o.Operators...)
	obj.Services = append(obj.Services, o.Services...)
	obj.Slices = append(obj.Slices, o.Slices...)
	obj.Nodes = append(obj.Nodes, o.Nodes...)
	obj.Pods = append(obj.Pods, o.Pods...)
	obj.Events = append(obj.Events, o.Events...)
	obj.Namespaces = append(obj.Namespaces, o.Namespaces...)
	obj.Workloads = append(obj.Workloads, o.Workloads...)
	obj.ConfigMaps = append(obj.ConfigMaps, o.ConfigMaps...)
	obj.Secrets = append(obj.Secrets, o.Secrets...)
	obj.NetworkPolicies = append(obj.NetworkPolicies, o.NetworkPolicies...)
	obj.CRDs = append(obj.CRDs, o.CRDs...)
	obj.Webhooks = append(obj.Webhooks, o.Webhooks...)
	obj.RBAC = append(obj.RBAC, o.RBAC...)
	obj.Others = append(obj.Others, o.Others...)
}

// ConfigListings are the listings of MetalLB's own configuration kinds.
func (obs *Observations) ConfigListings() []Listing {
	var found []Listing
	for _, l := range obs.Listings {
		switch l.Resource {
		case "ipaddresspools", "l2advertisements", "bgpadvertisements", "bgppeers":
			if l.Error == "" {
				found = append(found, l)
			}
		}
	}
	return found
}
