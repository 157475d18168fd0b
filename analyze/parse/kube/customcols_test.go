package kube

import (
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// TestCustomColumns: titles that somebody made up are read as the fields that the command names.
func TestCustomColumns(t *testing.T) {
	o := schema.Origin{Path: "a.txt", Kind: schema.KindTable, FirstLine: 1,
		Command: `kubectl -n demo get pods -o custom-columns='POD:.metadata.name,PORTS:.spec.containers[*].ports[*].containerPort,ADDR:.status.podIP'`}
	var out model.Observations
	Parse(o, 0, strings.NewReader("POD                      PORTS       ADDR\nblue-56c7d9f9b7-7qj5m    80,443      10.244.1.31\n"), &out)
	if len(out.Pods) != 1 {
		t.Fatalf("%d pods", len(out.Pods))
	}
	p := out.Pods[0]
	if p.Key() != "demo/blue-56c7d9f9b7-7qj5m" || len(p.IPs) != 1 || p.IPs[0] != "10.244.1.31" || len(p.Containers) != 1 || len(p.Containers[0].Ports) != 2 {
		t.Errorf("%+v", p)
	}
}
