package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sort"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// vtysh asks FRR.
func vtysh(ctx context.Context, command string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/bin/vtysh", "-c", command).Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	return out, nil
}

// neighbor is what the programs take of `show bgp neighbors json`.
type neighbor struct {
	State    string         `json:"bgpState"`
	Port     int            `json:"portForeign"`
	Messages map[string]int `json:"messageStats"`
	Families map[string]struct {
		Sent     int `json:"sentPrefixCounter"`
		Accepted int `json:"acceptedPrefixCounter"`
	} `json:"addressFamilyInfo"`
}

// neighbors is FRR's BGP neighbors of the default VRF, by address.
func neighbors(ctx context.Context) (map[string]neighbor, error) {
	text, err := vtysh(ctx, "show bgp neighbors json")
	if err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	out := map[string]neighbor{}
	for k, v := range raw {
		var n neighbor
		if json.Unmarshal(v, &n) == nil && n.State != "" {
			out[k] = n
		}
	}
	return out, nil
}

// bfdPeer is what the programs take of `show bfd peers json` and `show bfd peers counters json`.
type bfdPeer struct {
	Peer        string `json:"peer"`
	Status      string `json:"status"`
	ControlIn   int    `json:"control-packet-input"`
	ControlOut  int    `json:"control-packet-output"`
	EchoIn      int    `json:"echo-packet-input"`
	EchoOut     int    `json:"echo-packet-output"`
	Ups         int    `json:"session-up"`
	Downs       int    `json:"session-down"`
	ZebraEvents int    `json:"zebra-notifications"`
}

func bfdPeers(ctx context.Context, command string) ([]bfdPeer, error) {
	text, err := vtysh(ctx, command)
	if err != nil {
		return nil, err
	}
	var out []bfdPeer
	return out, json.Unmarshal(text, &out)
}

// runFRRMetrics is the container frr-metrics, of frr-k8s and of MetalLB's FRR mode.
func runFRRMetrics(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("frr-metrics", flag.ContinueOnError)
	port := flags.Int("metrics-port", 9141, "port")
	address := flags.String("metrics-bind-address", "0.0.0.0", "address")
	level := flags.String("log-level", "info", "log level")
	if err := flags.Parse(args); err != nil {
		return err
	}
	log, err := newLogger(*level)
	if err != nil {
		return err
	}
	log.info("main.go:64", "version", release, "commit", "standin", "branch", "lab", "goversion", "gc", "msg", "FRR metrics exporter starting version "+release+" (commit standin, branch lab)")
	c, err := connect(log)
	if err != nil {
		return err
	}
	m := newMetrics()
	mux := http.NewServeMux()
	mux.HandleFunc("/livez", func(w http.ResponseWriter, r *http.Request) { livez(log, w, r) })
	// MetalLB's own exporter has another prefix and another port than that of frr-k8s.
	prefix := "frrk8s_"
	if *port == 9121 {
		prefix = "metallb_"
	}
	go func() {
		for ctx.Err() == nil {
			exportFRR(ctx, log, m, prefix)
			sleep(ctx, 5*time.Second)
		}
	}()
	log.info("main.go:90", "metricsPath", "/metrics", "port", *port, "msg", "Starting exporter")
	serveMetrics(ctx, c, fmt.Sprintf("%s:%d", *address, *port), mux, m)
	return nil
}

// livez tells whether all of FRR's daemons run.
func livez(log *logger, w http.ResponseWriter, r *http.Request) {
	out, err := vtysh(r.Context(), "show daemons")
	missing := map[string]any{}
	for _, d := range []string{"bfdd", "bgpd", "staticd", "watchfrr", "zebra"} {
		if !strings.Contains(" "+strings.TrimSpace(string(out))+" ", " "+d+" ") {
			missing[d] = struct{}{}
		}
	}
	switch {
	case err != nil:
		log.write(map[string]any{"caller": "liveness.go:25", "failed to call show daemons": err.Error(), "ts": time.Now().UTC().Format(time.RFC3339)})
	case len(missing) > 0:
		log.write(map[string]any{"caller": "liveness.go:35", "daemons not running. got: ": string(out), "missing: ": missing, "ts": time.Now().UTC().Format(time.RFC3339)})
	default:
		return
	}
	w.WriteHeader(http.StatusInternalServerError)
}

// exportFRR reads FRR's counters.
func exportFRR(ctx context.Context, log *logger, m *metrics, prefix string) {
	list, err := neighbors(ctx)
	if err != nil {
		log.error("bgp_collector.go:150", "error", err, "msg", "failed to fetch BGP neighbors from FRR")
		return
	}
	for address, n := range list {
		labels := []string{"peer", address, "vrf", "default"}
		if prefix == "metallb_" {
			labels[1] = fmt.Sprintf("%s:%d", address, max(n.Port, 179))
		}
		sent, accepted := 0, 0
		for _, f := range n.Families {
			sent += f.Sent
			accepted += f.Accepted
		}
		m.set(prefix+"bgp_session_up", boolean(n.State == "Established"), labels...)
		m.set(prefix+"bgp_announced_prefixes_total", float64(sent), labels...)
		m.set(prefix+"bgp_received_prefixes_total", float64(accepted), labels...)
		for name, key := range map[string]string{"bgp_opens_sent": "opensSent", "bgp_opens_received": "opensRecv", "bgp_notifications_sent": "notificationsSent",
			"bgp_updates_total": "updatesSent", "bgp_updates_total_received": "updatesRecv", "bgp_keepalives_sent": "keepalivesSent",
			"bgp_keepalives_received": "keepalivesRecv", "bgp_route_refresh_sent": "routeRefreshSent", "bgp_total_sent": "totalSent", "bgp_total_received": "totalRecv"} {
			m.set(prefix+name, float64(n.Messages[key]), labels...)
		}
	}
	states, err := bfdPeers(ctx, "show bfd peers json")
	if err != nil {
		log.error("bfd_collector.go:120", "error", err, "msg", "failed to fetch BFD peers from FRR")
		return
	}
	for _, p := range states {
		m.set(prefix+"bfd_session_up", boolean(p.Status == "up"), "peer", p.Peer, "vrf", "default")
	}
	counters, err := bfdPeers(ctx, "show bfd peers counters json")
	if err != nil {
		log.error("bfd_collector.go:130", "error", err, "msg", "failed to fetch BFD peers counters from FRR")
		return
	}
	for _, p := range counters {
		for name, v := range map[string]int{"control_packet_input": p.ControlIn, "control_packet_output": p.ControlOut, "echo_packet_input": p.EchoIn, "echo_packet_output": p.EchoOut,
			"session_up_events": p.Ups, "session_down_events": p.Downs, "zebra_notifications": p.ZebraEvents} {
			m.set(prefix+"bfd_"+name, float64(v), "peer", p.Peer, "vrf", "default")
		}
	}
}

// runFRRStatus is the container frr-status of frr-k8s: it keeps a BGPSessionState for each neighbor. The real one looks each two minutes.
func runFRRStatus(ctx context.Context, args []string) error {
	c, flags, err := frrK8sStart("frr-status", args)
	if err != nil {
		return err
	}
	c.log.zap(levelInfo, "info", "setup", "starting status exporter", "version", "version v"+frrK8sRelease+" (commit standin, branch lab)")
	c.ownPod(ctx, flags["pod-name"])
	if err := c.watch(ctx, frrSessions, frrSettings); err != nil {
		return err
	}
	period := 10 * time.Second
	if s, err := time.ParseDuration(os.Getenv("LAB_SESSION_PERIOD")); err == nil {
		period = s
	}
	for ctx.Err() == nil {
		c.sessionStates(ctx)
		sleep(ctx, period)
	}
	return nil
}

// sessionStates writes the node's BGPSessionStates.
func (c *cluster) sessionStates(ctx context.Context) {
	list, err := neighbors(ctx)
	if err != nil {
		c.log.error("level.go:71", "controller", "BGPSessionState", "error", err)
		return
	}
	bfd := map[string]string{}
	if peers, err := bfdPeers(ctx, "show bfd peers json"); err == nil {
		for _, p := range peers {
			bfd[p.Peer] = p.Status
		}
	}
	want := map[string]map[string]any{}
	for address, n := range list {
		state := bfd[address]
		if state == "" {
			state = "N/A"
		}
		want[address] = map[string]any{"node": c.node, "peer": address, "bgpStatus": n.State, "bfdStatus": state}
	}
	for _, u := range c.list(frrSessions) {
		labels := u.GetLabels()
		if labels["frrk8s.metallb.io/node"] != c.node {
			continue
		}
		peer := strings.ReplaceAll(labels["frrk8s.metallb.io/peer"], "-", ":")
		status := want[peer]
		delete(want, peer)
		if status == nil {
			_ = c.dyn.Resource(frrSessions).Namespace(c.namespace).Delete(ctx, u.GetName(), metav1.DeleteOptions{})
		} else if marshal(u.Object["status"]) != marshal(status) {
			c.log.info("level.go:71", "controller", "BGPSessionState", "start reconcile", "/"+c.node)
			c.setStatus(ctx, frrSessions, u, status)
			c.log.info("level.go:71", "controller", "BGPSessionState", "end reconcile", "/"+c.node)
		}
	}
	var peers []string
	for p := range want {
		peers = append(peers, p)
	}
	sort.Strings(peers)
	for _, p := range peers {
		u := c.newObject("frrk8s.metallb.io/v1beta1", "BGPSessionState", map[string]string{"frrk8s.metallb.io/node": c.node,
			"frrk8s.metallb.io/peer": strings.ReplaceAll(p, ":", "-"), "frrk8s.metallb.io/vrf": ""})
		u.SetGenerateName(c.node + "-")
		if u = c.create(ctx, frrSessions, u); u != nil {
			if u = c.setStatus(ctx, frrSessions, u, want[p]); u != nil {
				_ = c.stores[frrSessions].Update(u)
			}
		}
	}
}
