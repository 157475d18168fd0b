package main

import (
	"crypto/rand"
	"encoding/base64"

	k8s "k8s.io/apimachinery/pkg/runtime/schema"
)

// dumped is the resources that a program prints at level debug, by the key of the dump.
var dumped = map[string]k8s.GroupVersionResource{"ipaddresspools": pools, "communities": communities, "bgppeers": bgpPeers, "bfdprofiles": bfdProfiles,
	"bgpadvertisements": bgpAdverts, "l2advertisements": l2Adverts}

// dump is the objects of some resources as MetalLB prints them at level debug: with everything in them, passwords of peers too.
func (c *cluster) dump(keys ...string) string {
	out := map[string]any{"ipaddresspools": nil, "bgppeers": nil, "bfdprofiles": nil, "bgpadvertisements": nil, "l2advertisements": nil,
		"communities": nil, "passwordsecrets": map[string]any{}, "nodes": nil, "namespaces": nil, "bgpextras": map[string]any{"metadata": map[string]any{}}}
	for _, k := range keys {
		list := []any{}
		for _, u := range c.list(dumped[k]) {
			list = append(list, u.Object)
		}
		out[k] = list
	}
	if c.stores[secrets] != nil { // the values themselves are not printed, as in v0.16
		found := map[string]any{}
		for _, u := range c.list(secrets) {
			u = u.DeepCopy()
			delete(u.Object, "data")
			found[u.GetName()] = u.Object
		}
		out["passwordsecrets"] = found
	}
	return marshal(out)
}

// randomText is a text of that many random bytes.
func randomText(n int) string {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}
