package main

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// frrBackend hands a speaker's sessions to FRR: in frr-k8s mode as an FRRConfiguration, in FRR mode as frr.conf.
type frrBackend struct {
	*cluster
	mode  schema.Mode
	mu    sync.Mutex
	spec  frrSpec
	known bool
}

// set says what the sessions are now.
func (f *frrBackend) set(cfg *metallb.Config, sessions map[string]*metallb.BGPSession) {
	spec := f.build(cfg, sessions)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known && reflect.DeepEqual(spec, f.spec) {
		return
	}
	f.spec, f.known = spec, true
	if f.mode == schema.ModeFRRK8s {
		hidden := asObject(spec)
		hide(hidden)
		f.log.debug("frrk8s.go:374", "component", "frrk8s", "event", "sent new config to the controller", "config",
			marshal(map[string]any{"metadata": map[string]any{"name": "metallb-" + f.node, "namespace": f.namespace}, "spec": hidden}))
	}
}

// hide blanks passwords, as MetalLB does in this line.
func hide(v any) {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if k == "password" {
				v[k] = "<retracted>"
			} else {
				hide(v[k])
			}
		}
	case []any:
		for _, x := range v {
			hide(x)
		}
	}
}

// run writes changes, three seconds after the first of a burst.
func (f *frrBackend) run(ctx context.Context, level string) {
	var last *frrSpec
	r := &reloads{log: f.log}
	every(ctx, time.Second, func() {
		f.mu.Lock()
		spec, ok := f.spec, f.known
		f.mu.Unlock()
		if !ok {
			return
		}
		if f.mode == schema.ModeFRR {
			if last == nil || !reflect.DeepEqual(*last, spec) {
				r.request(frrConf(f.node, level, f.secrets(spec), true))
				last = &spec
			}
			r.due()
			return
		}
		if last != nil && reflect.DeepEqual(*last, spec) {
			return
		}
		sleep(ctx, 2*time.Second)
		f.mu.Lock()
		spec = f.spec
		f.mu.Unlock()
		if f.write(ctx, spec) {
			last = &spec
		}
	})
}

// write makes the node's FRRConfiguration what spec says.
func (f *frrBackend) write(ctx context.Context, spec frrSpec) bool {
	name := "metallb-" + f.node
	f.log.info("frrk8s_config_controller.go:78", "controller", "FRRK8sReconciler", "start reconcile", "metallbreload/reload")
	defer f.log.info("frrk8s_config_controller.go:123", "controller", "FRRK8sReconciler", "end reconcile", "metallbreload/reload")
	old := f.find(ctx, frrConfigs, name)
	if old == nil {
		u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "frrk8s.metallb.io/v1beta1", "kind": "FRRConfiguration", "spec": asObject(spec)}}
		u.SetName(name)
		u.SetNamespace(f.namespace)
		return f.create(ctx, frrConfigs, u) != nil
	}
	old.Object["spec"] = asObject(spec)
	if _, err := f.dyn.Resource(frrConfigs).Namespace(f.namespace).Update(ctx, old, metav1.UpdateOptions{}); err != nil {
		f.log.info("frrk8s_config_controller.go:100", "controller", "FRRConfiguration", "event", "failed to create frr8s configuration", "error", err)
		return false
	}
	f.log.debug("frrk8s_config_controller.go:118", "controller", "FRRK8sReconciler", "event", "applied new configuration", "config", name)
	return true
}

// build makes the configuration of the sessions: routers by VRF and AS.
func (f *frrBackend) build(cfg *metallb.Config, sessions map[string]*metallb.BGPSession) frrSpec {
	spec := frrSpec{NodeSelector: map[string]any{"matchLabels": map[string]any{"kubernetes.io/hostname": f.node}}}
	routers := map[string]*frrRouter{}
	profiles := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(sessions)) {
		s := sessions[name]
		p := s.Peer
		r := routers[p.VRF]
		if r == nil {
			r = &frrRouter{ASN: p.MyASN, VRF: p.VRF}
			routers[p.VRF] = r
		}
		if p.RouterID != "" {
			r.ID = p.RouterID
		}
		n := f.neighbor(p)
		if p.BFDProfile != "" && !profiles[p.BFDProfile] {
			profiles[p.BFDProfile] = true
			spec.BGP.BFDProfiles = append(spec.BGP.BFDProfiles, profile(cfg.Profiles[p.BFDProfile]))
		}
		routes(&n, s.Routes)
		for _, route := range s.Routes {
			if !slices.Contains(r.Prefixes, route.Prefix.String()) {
				r.Prefixes = append(r.Prefixes, route.Prefix.String())
			}
		}
		r.Neighbors = append(r.Neighbors, n)
	}
	for _, vrf := range slices.Sorted(maps.Keys(routers)) {
		slices.Sort(routers[vrf].Prefixes)
		spec.BGP.Routers = append(spec.BGP.Routers, *routers[vrf])
	}
	return spec
}

// neighbor is a peer as frr-k8s takes it. Fields that MetalLB does not hand over are left out there.
func (f *frrBackend) neighbor(p *model.BGPPeer) frrNeighbor {
	n := frrNeighbor{ASN: p.PeerASN, DynamicASN: p.DynamicASN, Address: p.Address, Interface: p.Interface, Port: p.Port, EBGPMultiHop: p.EBGPMultiHop,
		BFDProfile: p.BFDProfile, DisableMP: p.DisableMP, DualStack: p.DualStackAddressFamily,
		HoldTime: duration(p.HoldTime), KeepaliveTime: duration(p.KeepaliveTime), ConnectTime: duration(p.ConnectTime)}
	if n.Port == 0 && n.Interface == "" {
		n.Port = 179
	}
	if f.mode == schema.ModeFRR {
		n.SourceAddress = p.SourceAddress
	}
	if p.PasswordSecret != "" {
		n.PasswordSecret = secretRef{Name: p.PasswordSecret, Namespace: f.namespace}
	} else if u := f.get(bgpPeers, f.namespace+"/"+p.Name); u != nil {
		n.Password, _, _ = unstructured.NestedString(u.Object, "spec", "password")
	}
	n.Advertise.Allowed.Mode, n.Receive.Allowed.Mode = "filtered", "filtered"
	return n
}

// routes adds what a session advertises.
func routes(n *frrNeighbor, list []metallb.Route) {
	communities, prefs := map[string][]string{}, map[uint32][]string{}
	for _, r := range list {
		p := r.Prefix.String()
		n.Advertise.Allowed.Prefixes = append(n.Advertise.Allowed.Prefixes, p)
		for _, c := range r.Communities {
			communities[c] = append(communities[c], p)
		}
		if r.LocalPref != 0 {
			prefs[r.LocalPref] = append(prefs[r.LocalPref], p)
		}
	}
	for _, c := range slices.Sorted(maps.Keys(communities)) {
		n.Advertise.Communities = append(n.Advertise.Communities, withCommunity{c, communities[c]})
	}
	for _, l := range slices.Sorted(maps.Keys(prefs)) {
		n.Advertise.LocalPref = append(n.Advertise.LocalPref, withLocalPref{l, prefs[l]})
	}
}

// profile is a BFDProfile as frr-k8s takes it.
func profile(p *model.BFDProfile) bfdProfile {
	if p == nil {
		return bfdProfile{}
	}
	number := func(n *uint32) int {
		if n == nil {
			return 0
		}
		return int(*n)
	}
	return bfdProfile{Name: p.Name, ReceiveInterval: number(p.ReceiveInterval), TransmitInterval: number(p.TransmitInterval), DetectMultiplier: number(p.DetectMultiplier),
		EchoInterval: number(p.EchoInterval), MinimumTTL: number(p.MinimumTTL), EchoMode: p.EchoMode != nil && *p.EchoMode, PassiveMode: p.PassiveMode != nil && *p.PassiveMode}
}

// secrets puts the passwords of secrets in; what has none stays without.
func (c *cluster) secrets(spec frrSpec) frrSpec {
	out := spec
	out.BGP.Routers = slices.Clone(spec.BGP.Routers)
	for i := range out.BGP.Routers {
		out.BGP.Routers[i].Neighbors = slices.Clone(out.BGP.Routers[i].Neighbors)
		for j := range out.BGP.Routers[i].Neighbors {
			n := &out.BGP.Routers[i].Neighbors[j]
			if n.PasswordSecret.Name == "" {
				continue
			}
			if u := c.get(secrets, c.namespace+"/"+n.PasswordSecret.Name); u != nil {
				n.Password = secretValue(u, "password")
			}
		}
	}
	return out
}

func duration(d *time.Duration) string {
	if d == nil {
		return ""
	}
	return d.String()
}
