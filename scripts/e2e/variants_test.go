//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// install is a way in which the lab installs MetalLB, and what follows from it.
type install struct {
	variant    string
	mode       schema.Mode
	how        string // manifests, helm
	controller string // name of the workload
	speaker    string
	services   []string
	bgp        bool // some pods have a container frr
}

var installs = []install{
	{"helm", schema.ModeFRRK8s, "helm", "metallb-controller", "metallb-speaker", []string{"shop/api", "shop/edge", "shop/edge-local", "shop/storefront"}, true},
	{"frr", schema.ModeFRR, "manifests", "controller", "speaker", []string{"shop/api", "shop/edge", "shop/edge-local", "shop/storefront"}, true},
	{"native", schema.ModeL2, "manifests", "controller", "speaker", []string{"shop/api", "shop/storefront"}, false},
	{"frr-k8s", schema.ModeFRRK8s, "manifests", "controller", "speaker", []string{"shop/api", "shop/edge", "shop/edge-local", "shop/storefront"}, true},
}

// A collection has everything, however MetalLB is installed; the analyzer calls what is healthy ok.
func TestVariants(t *testing.T) {
	for _, i := range installs {
		t.Run(i.variant, func(t *testing.T) {
			variant(t, i.variant)
			before := logsNow(t)
			hidden := secrets(t)
			c := collect(t, "--metrics-service-account", ours+"/metrics")
			var skipped []string
			if !i.bgp { // images of controller and speaker have no shell
				for n := range nodes(t) {
					skipped = append(skipped, "nodes/"+n)
				}
			}
			c.complete(t, skipped...)
			c.objects(t, i)
			c.logs(t, before)
			c.routers(t, i)
			c.metrics(t)
			for _, key := range i.services {
				_, name, _ := strings.Cut(key, "/")
				c.holds(t, "describe/shop/service/"+name+".txt", "Name:", name, "LoadBalancer Ingress:", "Events:")
			}
			c.hides(t, hidden)
			r := analyze(t, c.file)
			healthy(t, r, i.services...)
			if m := r.Cluster.MetalLB; m.Mode != i.mode || m.Install != i.how || m.Namespace != metallb || m.Version != "v0.16.1" {
				t.Errorf("MetalLB is told as %+v", m)
			}
			if r.Source.Cut || r.Cluster.Nodes != len(nodes(t)) {
				t.Errorf("the source is told as %+v, the cluster as %+v", r.Source, r.Cluster)
			}
		})
	}
}

// objects checks the lists of objects.
func (c *collected) objects(t *testing.T, i install) {
	t.Helper()
	for name, address := range nodes(t) {
		c.holds(t, "objects/core/nodes/_cluster.yaml", "name: "+name, "address: "+address, "kubeletVersion: v1.")
	}
	for member, words := range map[string][]string{
		"core/services/shop":                                      {"name: storefront", "name: api", "type: LoadBalancer", "- ip: 192.168.70.", "ipMode: VIP", "externalTrafficPolicy: Local"},
		"core/pods/metallb-system":                                {"name: " + i.controller + "-", "name: " + i.speaker + "-", "restartCount: ", "METALLB_NODE_NAME"},
		"core/pods/shop":                                          {"app: storefront", "app: api"},
		"core/namespaces/_cluster":                                {"name: metallb-system", "name: shop", "pod-security.kubernetes.io/enforce: privileged"},
		"core/events/metallb-system":                              {"involvedObject:"},
		"events.k8s.io/events/metallb-system":                     {"regarding:"},
		"core/configmaps/metallb-system":                          {"name: metallb-excludel2", "announcedInterfacesToExclude"},
		"core/secrets/metallb-system":                             {"name: metallb-webhook-cert"},
		"discovery.k8s.io/endpointslices/shop":                    {"kubernetes.io/service-name: storefront", "nodeName: node-"},
		"apps/deployments/metallb-system":                         {"name: " + i.controller, "--port=9120"},
		"apps/daemonsets/metallb-system":                          {"name: " + i.speaker, "quay.io/metallb/speaker:v0.16.1"},
		"apiextensions.k8s.io/customresourcedefinitions/_cluster": {"name: ipaddresspools.metallb.io"},
		"metallb.io/ipaddresspools/metallb-system":                {"name: lan", "192.168.70.200-192.168.70.219"},
		"metallb.io/l2advertisements/metallb-system":              {"name: lan"},
		"metallb.io/servicel2statuses/metallb-system":             {"node: node-", "serviceName: storefront"},
		"metallb.io/configurationstates/metallb-system":           {"name: controller", "name: speaker-node-a"},
		"rbac.authorization.k8s.io/clusterroles/_cluster":         {"name: metallb-system:" + i.controller},
		"rbac.authorization.k8s.io/clusterrolebindings/_cluster":  {"name: metallb-system:" + i.speaker},
		"rbac.authorization.k8s.io/roles/metallb-system":          {"name: pod-lister"},
		"rbac.authorization.k8s.io/rolebindings/metallb-system":   {"name: pod-lister"},
	} {
		c.holds(t, "objects/"+member+".yaml", words...)
	}
	if strings.Contains(c.members["objects/core/secrets/metallb-system.yaml"], "\ndata:") {
		t.Error("an object of kind Secret has data")
	}
	if i.bgp {
		c.holds(t, "objects/metallb.io/bgppeers/metallb-system.yaml", "name: tor1", "password: '(removed: ", "name: tor2", "peerAddress: 10.20.30.1")
		c.holds(t, "objects/metallb.io/bgpadvertisements/metallb-system.yaml", "name: public", "64513:100")
		c.holds(t, "objects/metallb.io/servicebgpstatuses/metallb-system.yaml", "serviceName: edge", "peers:")
	}
	if i.mode == schema.ModeFRRK8s {
		c.holds(t, "objects/frrk8s.metallb.io/frrconfigurations/metallb-system.yaml", "name: metallb-node-a", "(removed: ", "asn: 64512")
		c.holds(t, "objects/frrk8s.metallb.io/frrnodestates/_cluster.yaml", "name: node-a", "router bgp 64513")
		c.holds(t, "objects/frrk8s.metallb.io/bgpsessionstates/metallb-system.yaml", "bgpStatus: Established")
	}
}

// logsNow are the logs of all containers of MetalLB's namespace, by the member that they should have.
func logsNow(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, p := range pods(t) {
		for _, container := range append(p.Spec.InitContainers, p.Spec.Containers...) {
			all[fmt.Sprintf("logs/%s/%s/%s.log", metallb, p.Metadata.Name, container.Name)] = kubectl(t, "logs", "-n", metallb, p.Metadata.Name, "-c", container.Name, "--timestamps")
		}
	}
	return all
}

// logs checks that every container's log is there, with what it had before the collection began.
func (c *collected) logs(t *testing.T, before map[string]string) {
	t.Helper()
	if len(before) < 4 {
		t.Errorf("only %d containers have logs", len(before))
	}
	for member, text := range before {
		got, ok := c.members[member]
		switch {
		case !ok:
			t.Errorf("%s is missing", member)
		case !strings.HasPrefix(got, text):
			t.Errorf("%s does not have what the container had logged before", member)
		}
	}
}

// routers checks what FRR's containers show: of FRR, and of their nodes.
func (c *collected) routers(t *testing.T, i install) {
	t.Helper()
	addresses, found := nodes(t), 0
	for _, p := range pods(t) {
		if !p.has("frr") {
			continue
		}
		found++
		at := metallb + "/" + p.Metadata.Name + "/"
		c.holds(t, "frr/"+at+"frr.conf", "router bgp 64513", "neighbor 192.168.70.1 password (removed: ")
		c.holds(t, "frr/"+at+"daemons", "bgpd=yes")
		c.holds(t, "frr/"+at+"vtysh.conf", "service integrated-vtysh-config")
		c.vtysh(t, "vtysh/"+at)
		node := p.Spec.NodeName
		c.holds(t, "nodes/"+node+"/ip-addr.txt", "inet "+addresses[node]+"/", "eth1")
		c.holds(t, "nodes/"+node+"/ip-link.txt", "link/ether", "RX:")
		c.holds(t, "nodes/"+node+"/ip-route.txt", "default via 192.168.70.1", "table local")
		c.holds(t, "nodes/"+node+"/ip-6-route.txt", "fd70::/64")
		c.holds(t, "nodes/"+node+"/ip-rule.txt", "lookup main")
		c.holds(t, "nodes/"+node+"/ip-neigh.txt", "192.168.70.")
		c.holds(t, "nodes/"+node+"/sysctl.txt", "net.ipv4.ip_forward = 1\n", "net.ipv4.conf.eth0.rp_filter = ", "net.ipv4.conf.eth0.arp_ignore = ", "net.ipv6.conf.all.forwarding = ")
	}
	switch {
	case i.bgp && found != len(addresses):
		t.Errorf("FRR runs in %d pods, want one a node", found)
	case !i.bgp:
		c.lacks(t, "^(vtysh|frr)/")
	}
}

// vtysh checks what vtysh showed in one pod.
func (c *collected) vtysh(t *testing.T, folder string) {
	t.Helper()
	for command, words := range map[string][2]string{ // in the text, in JSON
		"show-bgp-summary":      {"192.168.70.1", `"state":"Established"`},
		"show-bgp-neighbors":    {"BGP neighbor is 10.20.30.1", `"bgpState":"Established"`},
		"show-bgp-ipv4-unicast": {"198.51.100.0/32", `"198.51.100.0/32"`},
		"show-bgp-ipv4-unicast-neighbors-192.168.70.1-advertised-routes": {"198.51.100.0/32", `"198.51.100.0/32"`},
		"show-bgp-ipv4-unicast-neighbors-192.168.70.1-received-routes":   {"", "{"},
		"show-bgp-ipv4-unicast-neighbors-10.20.30.1-advertised-routes":   {"198.51.100.0/32", `"198.51.100.0/32"`},
		"show-bgp-ipv6-unicast": {"", "{"},
		"show-bfd-peers":        {"BFD Peers", "["},
		"show-route-map":        {"192.168.70.1-out", "192.168.70.1-out"},
		"show-ip-prefix-list":   {"198.51.100.0/32", "198.51.100.0/32"},
		"show-interface":        {"Interface eth0 is up", `"eth0"`},
		"show-ip-route":         {"192.168.70.0/24", `"192.168.70.0/24"`},
	} {
		c.holds(t, folder+command+".txt", words[0])
		if text := strings.NewReplacer(" ", "", "\n", "").Replace(c.members[folder+command+".json"]); !strings.Contains(text, words[1]) {
			t.Errorf("%s%s.json has no %q:\n%.1000s", folder, command, words[1], text)
		}
		c.holdsJSON(t, folder+command+".json")
	}
	c.holds(t, folder+"show-version.txt", "FRRouting 8.")
	c.holds(t, folder+"show-running-config.txt", "router bgp 64513", "password (removed: ")
}

// metrics checks that every port with metrics gave them.
func (c *collected) metrics(t *testing.T) {
	t.Helper()
	words := map[string]string{"controller 9120": "metallb_allocator_addresses_in_use_total{", "speaker 9120": "metallb_k8s_client_config_loaded_bool 1",
		"controller 9140": "frrk8s_k8s_client_config_loaded_bool 1", "frr-metrics 9141": "frrk8s_bgp_session_up{", "frr-metrics 9121": "metallb_bgp_session_up{"}
	found, announced := 0, false
	for _, p := range pods(t) {
		for _, container := range p.Spec.Containers {
			for _, port := range container.Ports {
				if w, ok := words[fmt.Sprintf("%s %d", container.Name, port.ContainerPort)]; ok {
					c.holds(t, fmt.Sprintf("metrics/%s/%s/%d.prom", metallb, p.Metadata.Name, port.ContainerPort), w)
					found++
					announced = announced || strings.Contains(c.members[fmt.Sprintf("metrics/%s/%s/9120.prom", metallb, p.Metadata.Name)], "metallb_speaker_announced{")
				}
			}
		}
	}
	if found < 4 || !announced {
		t.Errorf("%d ports have metrics; one that says what is announced: %v", found, announced)
	}
}
