package foreign

import (
	"testing"

	"github.com/metallb-assay/assay/schema"
)

func TestPathsSayWhoseAFileIs(t *testing.T) {
	const id = "ebbfb53547b778a125159d0de39c0be05b019fa447e6d358bf1aae65926aa553"
	for path, want := range map[string]place{
		"report/pods/speaker-6gx2m/speaker.log":                                                         {pod: "speaker-6gx2m", container: "speaker"},
		"report/pods/speaker-6gx2m/frr/logs/dump_frr":                                                   {pod: "speaker-6gx2m", container: "frr"},
		"report/pods/metallb-controller-7cc6b8d6b4-2mljw/controller.log":                                {pod: "metallb-controller-7cc6b8d6b4-2mljw", container: "controller"},
		"mg/namespaces/metallb-system/pods/speaker-7n8sc/frr/frr/logs/current.log":                      {namespace: "metallb-system", pod: "speaker-7n8sc", container: "frr"},
		"mg/namespaces/core5g/core/services.yaml":                                                       {namespace: "core5g"},
		"mg/namespaces/metallb-system/metallb.io/bgppeers/tor-a.yaml":                                   {namespace: "metallb-system"},
		"var-log-pods/metallb-system_controller-7cd-7cf47_027c71f1-b3dd-4dd4-a2d7-0478501aec1b/c/0.log": {namespace: "metallb-system", pod: "controller-7cd-7cf47", container: "c"},
		"x/speaker-jrr96_metallb-system_speaker-" + id + ".log":                                         {namespace: "metallb-system", pod: "speaker-jrr96", container: "speaker"},
		"cluster/pods/frr-k8s-daemon-97hkj.frr.log":                                                     {pod: "frr-k8s-daemon-97hkj", container: "frr"},
		"log_speaker-fcqjk_speaker.previous.txt":                                                        {pod: "speaker-fcqjk", container: "speaker", previous: true},
		"logs/frr-k8s-daemon-97hkj/controller.log":                                                      {pod: "frr-k8s-daemon-97hkj", container: "controller"},
		"metrics_frr-k8s-daemon-6wnfq_9140.txt":                                                         {pod: "frr-k8s-daemon-6wnfq"},
		"prometheus/speaker-fcqjk.9120":                                                                 {pod: "speaker-fcqjk"},
		"report/nodes/node-a/ip-addr.txt":                                                               {node: "node-a", host: "node-a"},
		"hosts/worker-03.iptables-save":                                                                 {node: "worker-03", host: "worker-03"},
		"node-a_ip-neigh.txt":                                                                           {node: "node-a", host: "node-a"},
		"vtysh/node-b/show-bgp-summary.txt":                                                             {node: "node-b", host: "node-b"},
		"vtysh_node-a_show-bgp-neighbors.json":                                                          {node: "node-a", host: "node-a"},
		"frr/worker-01.show-bgp-summary.out.json":                                                       {node: "worker-01", host: "worker-01"},
		"frr.conf.node-c":             {node: "node-c", host: "node-c"},
		"speaker-node-c.log":          {node: "node-c", host: "node-c", container: "speaker"},
		"speaker-node-c.previous.log": {node: "node-c", host: "node-c", container: "speaker", previous: true},
		"logs.zip!/speaker-ks-1.log":  {node: "ks-1", host: "ks-1", container: "speaker"},
		"frr-node-b.txt":              {node: "node-b", host: "node-b", container: "frr"},
		"notes/04-on-n2.txt":          {host: "n2"},
		"kube2-network.txt":           {host: "kube2"},
		"router/show-bgp-summary.txt": {router: true, routerName: "router"},
		"tor/log.out":                 {router: true, routerName: "tor"},
		"router_show-ip-route.txt":    {router: true, routerName: "router"},
		"router-edge1.txt":            {router: true, routerName: "edge1"},
		"test-client/from-client.out": {client: true},
		"client_from-remote.txt":      {client: true},
		"speaker-logs.txt":            {},
		"speaker1.txt":                {},
		"controller.log":              {},
		"show-bgp-community-info.txt": {},
		"vm-2.log":                    {},
		"":                            {},
	} {
		if got := placeOf(path); got != want {
			t.Errorf("%s: got %+v, want %+v", path, got, want)
		}
	}
}

func TestAnObjectsNameMakesItNoRouters(t *testing.T) {
	o := schema.Origin{Kind: schema.KindObjects}
	placeOf("objects/tor-a.yaml").fill(&o)
	if o.Router {
		t.Error("an object named tor-a was taken for a router's output")
	}
}

func TestPodNamesNeedTheLettersThatKubernetesDraws(t *testing.T) {
	for name, want := range map[string]string{
		"speaker-6gx2m": "speaker-6gx2m", "my-metallb-speaker-bl7dr": "my-metallb-speaker-bl7dr", "controller-5b8c77d58b-zzchr.log": "controller-5b8c77d58b-zzchr",
		"speaker-kube2": "", "speaker-node-a": "", "speaker-": "", "speaker": "", "controller-runtime": "", "xspeaker-1.log": "",
	} {
		if got, _ := podName(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
