package kube

import (
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// What the collector puts in the place of a password is one that is set, and says which.
func TestRemovedPassword(t *testing.T) {
	text := `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata:
  name: tor
  namespace: metallb-system
spec:
  password: '(removed: BGP password, #3)'
---
apiVersion: frrk8s.metallb.io/v1beta1
kind: FRRConfiguration
metadata:
  name: a
  namespace: metallb-system
spec:
  bgp:
    routers:
    - asn: 64512
      neighbors:
      - address: 192.0.2.1
        password: '(removed: BGP password, #3)'
  raw:
    rawConfig: |
      neighbor 192.0.2.2 password (removed: BGP password, #4)
      neighbor 192.0.2.3 password x
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: config
  namespace: metallb-system
data:
  config: |
    peers:
    - password: '(removed: BGP password, #5)'
    - password: x
`
	var out model.Observations
	Parse(schema.Origin{Path: "objects.yaml", Kind: schema.KindObjects}, 0, strings.NewReader(text), &out)
	if p := out.Peers[0]; !p.HasPassword || p.PasswordMark != "#3" {
		t.Errorf("the peer has %v %q", p.HasPassword, p.PasswordMark)
	} else if e := p.At("spec.password"); e.Quote != "password: '(removed: BGP password, #3)'" {
		t.Errorf("evidence %+v", e)
	}
	f := out.FRRConfigurations[0]
	if n := f.Routers[0].Neighbors[0]; !n.HasPassword || n.PasswordMark != "#3" {
		t.Errorf("the neighbor has %v %q", n.HasPassword, n.PasswordMark)
	}
	if want := "neighbor 192.0.2.2 password (removed: BGP password, #4)\nneighbor 192.0.2.3 password ***\n"; f.Raw != want {
		t.Errorf("raw configuration: %q", f.Raw)
	}
	if c := out.ConfigMaps[0].Data["config"]; c != "peers:\n- password: '(removed: BGP password, #5)'\n- password: \"***\"\n" {
		t.Errorf("old configuration: %q", c)
	}
}
