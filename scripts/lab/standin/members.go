package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/hashicorp/memberlist"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// memberPort is the port of the speakers' member list.
const memberPort = 7946

// members is the list of speakers that see each other, as MetalLB keeps it to notice dead nodes.
type members struct {
	*cluster
	list   *memberlist.Memberlist
	labels string // of the speakers' pods
}

// joinMembers starts the list; nil where it is not configured.
func joinMembers(ctx context.Context, c *cluster) (*members, error) {
	bind, labels := os.Getenv("METALLB_ML_BIND_ADDR"), os.Getenv("METALLB_ML_LABELS")
	if bind == "" || labels == "" {
		c.log.info("speakerlist.go:68", "op", "startup", "msg", "not starting fast dead node detection (memberlist), need ml-bindaddr / ml-labels config")
		return nil, nil
	}
	m := &members{cluster: c, labels: labels}
	config := memberlist.DefaultLANConfig()
	config.Name, config.BindAddr, config.BindPort, config.AdvertisePort = c.node, bind, memberPort, memberPort
	config.Logger = log.New(memberLog{c.log}, "", 0)
	config.Events = m
	if path := os.Getenv("METALLB_ML_SECRET_KEY_PATH"); path != "" {
		key, err := os.ReadFile(filepath.Join(path, "secretkey"))
		if err != nil {
			return nil, fmt.Errorf("failed to read memberlist secret key: %w", err)
		}
		if len(key) < 32 {
			return nil, fmt.Errorf("memberlist secret key is too short: %d bytes", len(key))
		}
		config.SecretKey = key[:32] // of the text, since v0.14.0
	}
	list, err := memberlist.Create(config)
	if err != nil {
		return nil, err
	}
	m.list = list
	m.discover(ctx) // before the first pass, which else would take this speaker for the only one
	return m, nil
}

// keepJoined joins the other speakers once a minute, and leaves when ctx ends.
func (m *members) keepJoined(ctx context.Context) {
	for ctx.Err() == nil {
		sleep(ctx, time.Minute)
		m.discover(ctx)
	}
	_ = m.list.Leave(time.Second)
	_ = m.list.Shutdown()
}

func (m *members) discover(ctx context.Context) {
	m.log.info("speakerlist.go:296", "op", "memberDiscovery", "msg", "triggering discovery")
	pods, err := m.client.CoreV1().Pods(m.namespace).List(ctx, metav1.ListOptions{LabelSelector: m.labels})
	if err != nil {
		m.log.error("speakerlist.go:262", "op", "memberDiscovery", "error", err, "msg", "failed to get pod IPs")
		return
	}
	known := map[string]bool{}
	for _, n := range m.list.Members() {
		known[n.Addr.String()] = true
	}
	var addresses []string
	for _, p := range pods.Items {
		if ip := p.Status.PodIP; ip != "" && !known[ip] {
			addresses = append(addresses, ip)
		}
	}
	if len(addresses) == 0 {
		return
	}
	sort.Strings(addresses)
	joined, err := m.list.Join(addresses)
	if joined < len(addresses) {
		m.log.error("speakerlist.go:281", "op", "memberDiscovery", "msg", "partial join", "joined", joined, "expected", len(addresses), "error", nil)
	} else {
		m.log.info("speakerlist.go:283", "op", "Member detection", "msg", "memberlist join successfully", "number of other nodes", joined)
	}
	if err != nil {
		m.log.debug("speakerlist.go:284", "op", "memberDiscovery", "error", err)
	}
}

// names is the nodes of the list, sorted.
func (m *members) names() []string {
	var out []string
	for _, n := range m.list.Members() {
		out = append(out, n.Name)
	}
	sort.Strings(out)
	return out
}

// NotifyJoin, NotifyLeave and NotifyUpdate are the list's events.
func (m *members) NotifyJoin(n *memberlist.Node)   { m.notify("NodeJoin", n) }
func (m *members) NotifyLeave(n *memberlist.Node)  { m.notify("NodeLeave", n) }
func (m *members) NotifyUpdate(n *memberlist.Node) { m.notify("NodeUpdate", n) }

func (m *members) notify(event string, n *memberlist.Node) {
	m.log.info("speakerlist.go:343", "node event", event, "node name", n.Name, "node addr", n.Addr.String(), "msg", "node event - forcing sync")
	m.poke()
}

// memberLog prints the list's own lines as MetalLB does: "[WARN] memberlist: ..." becomes a level and a message.
type memberLog struct{ log *logger }

func (l memberLog) Write(b []byte) (int, error) {
	text := string(bytes.TrimSpace(b))
	level, rest, ok := strings.Cut(strings.TrimPrefix(text, "["), "] ")
	if !ok {
		level, rest = "INFO", text
	}
	write := map[string]func(string, ...any){"DEBUG": l.log.debug, "INFO": l.log.info, "WARN": l.log.warn, "ERR": l.log.error}[level]
	if write == nil {
		write = l.log.info
	}
	write("memberlist.go:0", "component", "Memberlist", "msg", rest)
	return len(b), nil
}
