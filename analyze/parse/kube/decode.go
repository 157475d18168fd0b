package kube

import (
	"encoding/json"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// DecodeObjects returns the typed objects of JSON texts, one object or List each, without evidence. What is no JSON is
// left out.
func DecodeObjects(raw []json.RawMessage) model.Objects {
	var out model.Observations
	c := newConverter(schema.Origin{}, 0, &out)
	c.text.fixed = &schema.Evidence{}
	for _, r := range raw {
		n, _ := parseJSON(&c.arena, string(r), 1)
		c.object(n)
		c.arena.reset()
	}
	return out.Objects
}

// dumpKinds are the lists that MetalLB prints at debug level (key "metallb CRs and Secrets"), by key. Their items may lack
// kind and apiVersion.
var dumpKinds = map[string]string{
	"ipaddresspools": "IPAddressPool", "pools": "IPAddressPool", "addresspools": "AddressPool", "legacyaddresspools": "AddressPool",
	"bgppeers": "BGPPeer", "peers": "BGPPeer", "bfdprofiles": "BFDProfile", "bgpadvertisements": "BGPAdvertisement", "bgpadvs": "BGPAdvertisement",
	"l2advertisements": "L2Advertisement", "l2advs": "L2Advertisement", "communities": "Community", "passwordsecrets": "Secret",
	"nodes": "Node", "namespaces": "Namespace",
}

// ParseJSON reads objects that a line of a log prints as JSON: one object (the Service of "failed to handle service"), or the
// object of lists of a debug dump of the configuration. All of them get src as evidence and index as member. A dump is a
// complete list of each kind that it names.
func ParseJSON(text []byte, src schema.Evidence, index int, out *model.Observations) {
	c := newConverter(schema.Origin{Path: src.Member}, index, out)
	c.text.fixed = &src
	n, _ := parseJSON(&c.arena, string(text), 1)
	if n == nil || n.shape != mapping {
		return
	}
	if n.has("metadata") || n.has("items") {
		c.object(n)
		return
	}
	for i := range n.items {
		e := &n.items[i]
		kind := dumpKinds[strings.ToLower(e.key)]
		if kind == "" || e.val == nil {
			continue
		}
		c.dump(kind, e.val, src)
	}
}

func (c *converter) dump(kind string, list *node, src schema.Evidence) {
	items := list.list()
	if kind == "Secret" && list.shape == mapping { // by name
		items = nil
		for _, e := range list.items {
			items = append(items, e.val)
		}
	}
	c.kind = kind
	for _, item := range items {
		c.item(item)
	}
	c.kind = ""
	if kind == "Secret" {
		return // only those of one type
	}
	r := resourceOf(kind, "", "")
	c.out.Listings = append(c.out.Listings, model.Listing{Group: r.group, Resource: r.plural, Count: len(items), Src: src})
}
