package foreign

import (
	"testing"

	"github.com/metallb-assay/assay/schema"
)

func TestCommandsAreFoundBehindTheirWrappers(t *testing.T) {
	for _, c := range []struct {
		typed, program       string
		kind                 schema.Kind
		host, namespace, pod string
		container            string
	}{
		{"kubectl get svc -A", "kubectl", schema.KindTable, "", "", "", ""},
		{"kubectl -n metallb-system get pod -o wide", "kubectl", schema.KindTable, "", "metallb-system", "", ""},
		{"kubectl get cm config -o yaml -n metallb-system", "kubectl", schema.KindObjects, "", "metallb-system", "", ""},
		{"oc get svc -ojson", "kubectl", schema.KindObjects, "", "", "", ""},
		{"k get svc web -o jsonpath='{.spec}'", "kubectl", schema.KindShell, "", "", "", ""},
		{"kubectl describe svc web | tail -5", "kubectl", schema.KindDescribe, "", "", "", ""},
		{"kubectl logs -n metallb-system speaker-x2p9r -c frr", "kubectl", schema.KindFRRLog, "", "metallb-system", "speaker-x2p9r", "frr"},
		{"kubectl logs -n metallb-system ds/speaker", "kubectl", schema.KindLog, "", "metallb-system", "", ""},
		{"kubectl logs -f speaker-x2p9r reloader", "kubectl", schema.KindReload, "", "", "speaker-x2p9r", "reloader"},
		{"kubectl -n metallb-system exec speaker-x2p9r -c frr -- vtysh -c 'show bgp summary'", "show", schema.KindVtysh, "", "metallb-system", "speaker-x2p9r", "frr"},
		{"kubectl exec -it web-0 -- ip a", "ip", schema.KindIPAddr, "", "", "web-0", ""},
		{"sudo vtysh -c \"show ip route\"", "show", schema.KindVtysh, "", "", "", ""},
		{"ssh minis3 sudo tcpdump -nni any -c 4 port 8000", "tcpdump", schema.KindTcpdump, "minis3", "", "", ""},
		{"ssh -i key core@worker-1 'ip r'", "ip", schema.KindIPRoute, "worker-1", "", "", ""},
		{"for p in 10.0.0.1 10.0.0.2; do nc -zv -w2 $p 8080; done", "nc", schema.KindCurl, "", "", "", ""},
		{"printf 'QUIT\\r\\n' | nc -w3 192.0.2.1 25", "nc", schema.KindCurl, "", "", "", ""},
		{"sudo ip neigh flush 192.0.2.1 ; nc -vz 192.0.2.1 80", "ip", schema.KindIPNeigh, "", "", "", ""},
		{"ip netns exec red ip route", "ip", schema.KindIPRoute, "", "", "", ""},
		{"sudo nsenter -t 1 -n -- ip rule", "ip", schema.KindIPRule, "", "", "", ""},
		{"docker exec -it router vtysh -c 'show bgp summary'", "show", schema.KindVtysh, "", "", "", ""},
		{"sudo calicoctl node status          # on bm-23", "calicoctl", schema.KindShell, "bm-23", "", "", ""},
		{"IP=192.0.2.1 curl http://$IP/", "curl", schema.KindCurl, "", "", "", ""},
		{"watch -n 1 kubectl get svc", "kubectl", schema.KindTable, "", "", "", ""},
		{"/routing/bgp/session/print", "/routing/bgp/session/print", schema.KindRouter, "", "", "", ""},
		{"helm get values metallb", "helm", schema.KindHelm, "", "", "", ""},
		{"", "", schema.KindShell, "", "", "", ""},
		{"'", "", schema.KindShell, "", "", "", ""},
	} {
		got := ParseCommand(c.typed)
		if got.Program != c.program || got.Kind() != c.kind || got.Host != c.host || got.Namespace != c.namespace || got.Pod != c.pod || got.Container != c.container {
			t.Errorf("%q: got %+v kind %s", c.typed, got, got.Kind())
		}
	}
}
