package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	k8s "k8s.io/apimachinery/pkg/runtime/schema"
)

// speaker announces the addresses of Services from its node.
type speaker struct {
	*cluster
	mode      schema.Mode
	class     string
	ignoreEx  bool
	metrics   *metrics
	members   *members
	announcer *announcer
	configs   map[string]*metallb.Config // each node's, the last one that was taken
	refused   string
	print     string
	handled   map[string]string          // Service -> what was seen of it at the last pass
	announced map[string]map[string]bool // protocol -> Service
	peers     map[string]bool
	backend   *frrBackend // nil in native mode
}

// speakerReads is what a speaker watches.
var speakerReads = []k8s.GroupVersionResource{services, endpointSlices, nodes, namespaces, secrets, pools, l2Adverts, bgpAdverts, bgpPeers, bfdProfiles, communities, l2Statuses, bgpStatuses}

// speakerConfig is what makes its configuration.
var speakerConfig = []k8s.GroupVersionResource{pools, l2Adverts, bgpAdverts, bgpPeers, bfdProfiles, communities, namespaces, secrets}

// runSpeaker is MetalLB's speaker.
func runSpeaker(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("speaker", flag.ContinueOnError)
	port := flags.Int("port", 9120, "HTTPS listening port for metrics")
	_ = flags.String("host", os.Getenv("METALLB_HOST"), "HTTP host address")
	level := flags.String("log-level", "info", "log level")
	class := flags.String("lb-class", "", "load balancer class")
	ignore := flags.Bool("ignore-exclude-lb", false, "ignore the exclude-from-external-load-balancers label")
	if err := flags.Parse(args); err != nil {
		return err
	}
	log, err := newLogger(*level)
	if err != nil {
		return err
	}
	startLine(log, "speaker", "main.go:120")
	log.debug("main.go:141", "milliseconds", 3000, "msg", "using BGP debounce timeout")
	s := &speaker{mode: modeOf(os.Getenv("METALLB_BGP_TYPE")), class: *class, ignoreEx: *ignore, metrics: newMetrics(), handled: map[string]string{},
		configs: map[string]*metallb.Config{}, announced: map[string]map[string]bool{"layer2": {}, "bgp": {}}, peers: map[string]bool{}}
	if s.mode == schema.ModeFRR {
		log.warn("main.go:144", "op", "startup", "msg", frrModeDeprecated)
	}
	if s.cluster, err = connect(log); err != nil {
		return err
	}
	s.component = "metallb-speaker"
	s.ownPod(ctx, os.Getenv("METALLB_POD_NAME"))
	s.announcer = newAnnouncer(log, s.metrics, s.poke)
	go s.announcer.run(ctx)
	if s.members, err = joinMembers(ctx, s.cluster); err != nil {
		return fmt.Errorf("failed to create speaker list: %w", err)
	}
	if s.members != nil {
		go s.members.keepJoined(ctx)
	}
	log.info("k8s.go:470", "op", "Run", "msg", "Starting Manager")
	go serveMetrics(ctx, s.cluster, fmt.Sprintf(":%d", *port), http.NewServeMux(), s.metrics) // all addresses, whatever METALLB_HOST says, as v0.16 does
	go serveHealth(ctx, log, "127.0.0.1:17472")
	reads := speakerReads
	if s.mode == schema.ModeFRRK8s {
		reads = append(reads, frrConfigs)
	}
	if err := s.watch(ctx, reads...); err != nil {
		return fmt.Errorf("failed to run k8s client: %w", err)
	}
	if s.mode != schema.ModeNative {
		s.backend = &frrBackend{cluster: s.cluster, mode: s.mode}
		go s.backend.run(ctx, *level)
	}
	s.passes(ctx, 5*time.Minute, func() { s.pass(ctx) })
	log.info("main.go:200", "op", "shutdown", "msg", "starting shutdown")
	return nil
}

func (s *speaker) input(objects *model.Objects) metallb.Input {
	in := metallb.Input{Version: metallb.V("v" + release), Mode: s.mode, Namespace: s.namespace, LBClass: s.class, IgnoreExcludeLB: s.ignoreEx, Objects: objects,
		SecretsKnown: true, MemberlistOff: s.members == nil, Interfaces: map[string][]string{s.node: s.announcer.interfaces()}}
	if s.members != nil {
		in.Speakers = s.members.names()
	}
	return in.Indexed()
}

// pass looks at everything once and announces what is to be announced.
func (s *speaker) pass(ctx context.Context) {
	objects := s.objects()
	in := s.input(objects)
	reload := false
	if print := s.fingerprint(speakerConfig...) + nodeLabels(s.list(nodes)); print != s.print {
		s.print = print
		reload = s.configure(ctx, in)
	}
	if s.configs[s.node] == nil {
		return
	}
	if reload {
		s.log.info("service_controller_reload.go:63", "controller", "ServiceReconciler - reprocessAll", "start reconcile", "metallbreload/reload")
	}
	bgp := metallb.BGP(in, s.configs, objects.Services)
	l2 := map[string]map[string]any{}
	routes := map[string]map[string]any{}
	answers, again := map[netip.Addr]map[string]bool{}, map[netip.Addr]bool{}
	s.metrics.clear("metallb_speaker_announced")
	for _, svc := range objects.Services {
		u := s.get(services, svc.Key())
		if u == nil {
			continue
		}
		decision := metallb.L2(in, s.configs, svc)
		fresh := s.look(in, svc, decision, bgp.Decisions[svc.Key()][s.node], reload)
		if decision.Winner == s.node && len(decision.Announced) > 0 {
			status := map[string]any{"node": s.node, "serviceNamespace": svc.Namespace, "serviceName": svc.Name}
			for ip, on := range decision.Announced {
				addAnswer(answers, status, ip, on)
				again[netip.MustParseAddr(ip)] = fresh
			}
			l2[svc.Key()] = status
		}
		s.tell(ctx, "layer2", svc, decision.Decisions[s.node], decision.Winner == s.node && len(decision.Announced) > 0)
		announce := bgp.Decisions[svc.Key()][s.node] == metallb.Announce
		s.tell(ctx, "bgp", svc, bgp.Decisions[svc.Key()][s.node], announce)
		if names := peersOf(bgp.Sessions[s.node], svc.Key()); announce {
			routes[svc.Key()] = map[string]any{"node": s.node, "serviceNamespace": svc.Namespace, "serviceName": svc.Name, "peers": names}
		}
		if fresh && !reload {
			s.log.info("service_controller.go:115", "controller", "ServiceReconciler", "end reconcile", svc.Key())
		}
	}
	s.deleted(ctx, objects)
	if reload {
		s.log.info("service_controller_reload.go:118", "controller", "ServiceReconciler - reprocessAll", "end reconcile", "metallbreload/reload")
	}
	s.announcer.set(answers, again)
	s.setServiceStatuses(ctx, l2Kind, l2)
	s.setServiceStatuses(ctx, bgpKind, routes)
	if s.backend != nil {
		s.backend.set(s.configs[s.node], bgp.Sessions[s.node])
	}
}

// nodeLabels is what of the nodes makes a speaker resync its peers.
func nodeLabels(list []*unstructured.Unstructured) string {
	var b strings.Builder
	for _, n := range list {
		fmt.Fprintln(&b, n.GetName(), marshal(n.GetLabels()))
	}
	return b.String()
}

// addAnswer adds an address to what is answered, and its interfaces to the status.
func addAnswer(answers map[netip.Addr]map[string]bool, status map[string]any, ip string, on metallb.Interfaces) {
	addr := netip.MustParseAddr(ip)
	if on.All {
		answers[addr] = nil
		return
	}
	names := map[string]bool{}
	var list []any
	for _, n := range on.Names {
		names[n] = true
		list = append(list, map[string]any{"name": n})
	}
	answers[addr], status["interfaces"] = names, list
}

// peersOf is the names of the peers whose sessions get a prefix of the Service.
func peersOf(sessions map[string]*metallb.BGPSession, service string) []any {
	var out []any
	for _, name := range slices.Sorted(maps.Keys(sessions)) {
		for _, r := range sessions[name].Set {
			if slices.Contains(r.Services, service) {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

// configure takes the configuration that is in the cluster, or refuses it and stays with the last one.
func (s *speaker) configure(ctx context.Context, in metallb.Input) (reload bool) {
	const who = "ConfigReconciler"
	name := "/" + s.node
	s.log.info("config_controller.go:64", "controller", who, "start reconcile", name)
	s.metrics.add("metallb_k8s_client_updates_total", 1)
	if s.log.debugs() {
		s.log.debug("config_controller.go:178", "controller", who, "metallb CRs and Secrets",
			s.dump("ipaddresspools", "bgppeers", "bfdprofiles", "bgpadvertisements", "l2advertisements", "communities"))
	}
	configs, refusals := metallb.Configs(in)
	s.refused = ""
	if r := refusals[s.node]; r != nil {
		s.refused = r.Error
		s.log.error("config_controller.go:185", "controller", who, "error", r.Error)
		s.metrics.add("metallb_k8s_client_update_errors_total", 1)
	} else if configs[s.node] != nil {
		s.log.debug("main.go:594", "event", "startUpdate", "msg", "start of config update")
		s.syncPeers(configs[s.node])
		s.log.debug("main.go:619", "event", "endUpdate", "msg", "end of config update")
		s.log.info("config_controller.go:212", "controller", who, "event", "force service reload")
		s.log.info("config_controller.go:224", "controller", who, "event", "config reloaded")
		reload = true
		s.metrics.set("metallb_k8s_client_config_loaded_bool", 1)
	}
	for n, cfg := range configs {
		s.configs[n] = cfg
	}
	s.metrics.set("metallb_k8s_client_config_stale_bool", boolean(s.refused != ""))
	s.log.info("config_controller.go:226", "controller", who, "end reconcile", name)
	s.setConfigState(ctx, "speaker-"+s.node, "configReconcilerValid",
		map[string]string{"metallb.io/component-type": "speaker", "metallb.io/node-name": s.node}, s.refused)
	return reload
}

// syncPeers tells of peers that come and go.
func (s *speaker) syncPeers(cfg *metallb.Config) {
	now := map[string]bool{}
	for _, p := range cfg.Peers {
		name := p.Address
		if name == "" {
			name = p.Interface
		}
		now[name] = true
		if !s.peers[name] {
			s.log.info("bgp_controller.go:235", "event", "peerAdded", "peer", name, "msg", "peer configured, starting BGP session")
		}
	}
	for name := range s.peers {
		if !now[name] {
			s.log.info("bgp_controller.go:210", "event", "peerRemoved", "peer", name, "reason", "removedFromConfig", "msg", "peer deconfigured, closing BGP session")
		}
	}
	s.peers = now
}

// look writes the lines of a pass over a Service, if there is something new about it; it tells whether there was.
func (s *speaker) look(in metallb.Input, svc *model.Service, l2 metallb.L2Decision, bgp string, reload bool) bool {
	seen := fmt.Sprint(svc.Resource, l2.Decisions, l2.Announced, bgp, sliceVersions(s.list(endpointSlices), svc.Key()))
	if s.handled[svc.Key()] == seen && !reload {
		return false
	}
	s.handled[svc.Key()] = seen
	s.metrics.add("metallb_k8s_client_updates_total", 1)
	if !reload {
		s.log.info("service_controller.go:64", "controller", "ServiceReconciler", "start reconcile", svc.Key())
	}
	if s.log.debugs() {
		caller, who, what := "service_controller.go:95", "ServiceReconciler", "processing service"
		if reload {
			caller, who, what = "service_controller_reload.go:97", "ServiceReconciler - reprocessAll", "reprocessing service"
		}
		s.log.debug(caller, "controller", who, what, marshal(s.get(services, svc.Key()).Object))
	}
	s.log.debug("main.go:394", "event", "startUpdate", "msg", "start of service update")
	defer s.log.debug("main.go:443", "event", "endUpdate", "msg", "end of service update")
	if svc.Type != "LoadBalancer" || len(svc.Ingress) == 0 || !in.OfClass(svc) {
		return true
	}
	pool, ips := poolName(l2.Pool), ingress(svc)
	switch bgp {
	case metallb.Announce:
	case "notOwner":
		s.log.debug("bgp_controller.go:157", "event", "skipping should announce bgp", "ips", ips, "pool", pool, "protocol", "bgp", "reason", "pool not matching my node", "service", svc.Key())
	case "noMatchingAdvertisement":
		s.log.debug("bgp_controller.go:163", "event", "skipping should announce bgp", "ips", ips, "pool", pool, "protocol", "bgp", "reason", "no advertisement matching service", "service", svc.Key())
	}
	switch {
	case len(l2.Candidates) == 0 && l2.Pool != nil && len(l2.Pool.L2) == 0:
		s.log.debug("layer2_controller.go:91", "event", "skipping should announce l2", "ips", ips, "pool", pool, "protocol", "layer2",
			"reason", "no advertisement matching service on my node", "service", svc.Key())
	case len(l2.Candidates) > 0:
		var order []string
		for _, c := range l2.Candidates {
			order = append(order, c.Node)
		}
		s.log.debug("layer2_controller.go:108", "event", "shouldannounce", "ips", ips, "nodes", order, "pool", pool, "protocol", "l2", "service", svc.Key())
	}
	for ip, on := range l2.Missing {
		if l2.Winner == s.node {
			s.log.warn("announcer.go:220", "op", "SetBalancer", "protocol", "layer2", "service", svc.Key(), "IPAdvertisement", fmt.Sprint(ip, " ", on.Names), "localIfs", s.announcer.interfaces(),
				"msg", "the specified interfaces used to announce LB IP don't exist")
		}
	}
	return true
}

// tell announces or withdraws a Service by a protocol: the line, the event and the metric.
func (s *speaker) tell(ctx context.Context, protocol string, svc *model.Service, reason string, announce bool) {
	was := s.announced[protocol][svc.Key()]
	ips := ingress(svc)
	pool := ""
	if cfg := s.configs[s.node]; cfg != nil {
		pool = poolName(metallb.PoolFor(cfg.Pools, addresses(svc)))
	}
	if announce {
		for _, ip := range ips {
			s.metrics.set("metallb_speaker_announced", 1, "service", svc.Key(), "protocol", protocol, "node", s.node, "ip", ip)
		}
		if was {
			return
		}
		s.announced[protocol][svc.Key()] = true
		if protocol == "bgp" {
			s.log.info("bgp_controller.go:357", "event", "updatedAdvertisements", "ips", ips, "numAds", 1, "pool", pool, "protocol", protocol, "msg", "making advertisements using BGP")
		}
		s.log.info("main.go:481", "event", "serviceAnnounced", "ips", ips, "pool", pool, "protocol", protocol, "msg", "service has IP, announcing")
		if u := s.get(services, svc.Key()); u != nil {
			s.event(ctx, u, "Normal", "nodeAssigned", fmt.Sprintf("announcing from node %q with protocol %q", s.node, protocol))
		}
		return
	}
	if was {
		delete(s.announced[protocol], svc.Key())
		s.log.info("main.go:525", "event", "serviceWithdrawn", "ip", ips, "ips", ips, "pool", pool, "protocol", protocol, "reason", reason, "msg", "withdrawing service announcement")
	}
}

// deleted withdraws Services that are gone.
func (s *speaker) deleted(ctx context.Context, objects *model.Objects) {
	here := map[string]bool{}
	for _, svc := range objects.Services {
		here[svc.Key()] = true
	}
	for name := range s.handled {
		if here[name] {
			continue
		}
		delete(s.handled, name)
		s.log.debug("service_controller.go:97", "controller", "ServiceReconciler", "processing deletion on service", name)
		for protocol, services := range s.announced {
			if services[name] {
				delete(services, name)
				s.log.info("main.go:525", "event", "serviceWithdrawn", "protocol", protocol, "reason", "serviceDeleted", "msg", "withdrawing service announcement")
			}
		}
	}
}

// sliceVersions changes with the endpoints of a Service.
func sliceVersions(list []*unstructured.Unstructured, service string) string {
	var out []string
	for _, u := range list {
		if u.GetNamespace()+"/"+u.GetLabels()["kubernetes.io/service-name"] == service {
			out = append(out, u.GetName()+"="+u.GetResourceVersion())
		}
	}
	return strings.Join(out, " ")
}

func ingress(svc *model.Service) []string {
	var out []string
	for _, i := range svc.Ingress {
		out = append(out, i.IP)
	}
	return out
}

func addresses(svc *model.Service) []netip.Addr {
	var out []netip.Addr
	for _, i := range svc.Ingress {
		if ip, err := netip.ParseAddr(i.IP); err == nil {
			out = append(out, ip)
		}
	}
	return out
}

func poolName(p *metallb.Pool) string {
	if p == nil {
		return ""
	}
	return p.Name
}
