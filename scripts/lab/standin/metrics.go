package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	authn "k8s.io/api/authentication/v1"
	authz "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// metrics is a set of metrics in the text format.
type metrics struct {
	mu     sync.Mutex
	values map[string]map[string]float64 // name -> labels as written between braces -> value
}

// metricHelp is type and help of what the programs serve, as MetalLB words them; frrk8s_ and metallb_ stand before the names.
var metricHelp = map[string][2]string{
	"k8s_client_updates_total":              {"counter", "Number of k8s object updates that have been processed."},
	"k8s_client_update_errors_total":        {"counter", "Number of k8s object updates that failed for some reason."},
	"k8s_client_config_loaded_bool":         {"gauge", "1 if the MetalLB configuration was successfully loaded at least once."},
	"k8s_client_config_stale_bool":          {"gauge", "1 if running on a stale configuration, because the latest config failed to load."},
	"speaker_announced":                     {"gauge", "Services being announced from this node. This is desired state, it does not guarantee that the routing protocols have converged."},
	"layer2_requests_received":              {"counter", "Number of layer2 requests received for owned IPs"},
	"layer2_responses_sent":                 {"counter", "Number of layer2 responses sent for owned IPs in response to requests"},
	"layer2_gratuitous_sent":                {"counter", "Number of gratuitous layer2 packets sent for owned IPs as a result of failovers"},
	"allocator_addresses_total":             {"gauge", "Number of usable IP addresses, per pool"},
	"allocator_addresses_in_use_total":      {"gauge", "Number of IP addresses in use, per pool"},
	"allocator_ipv4_addresses_total":        {"gauge", "Number of usable IPV4 addresses, per pool"},
	"allocator_ipv4_addresses_in_use_total": {"gauge", "Number of IPV4 addresses in use, per pool"},
	"allocator_ipv6_addresses_total":        {"gauge", "Number of usable IPV6 addresses, per pool"},
	"allocator_ipv6_addresses_in_use_total": {"gauge", "Number of IPV6 addresses in use, per pool"},
	"bgp_session_up":                        {"gauge", "BGP session state (1 is up, 0 is down)"},
	"bgp_announced_prefixes_total":          {"gauge", "Number of prefixes currently being advertised on the BGP session"},
	"bgp_received_prefixes_total":           {"gauge", "Number of prefixes currently being received on the BGP session"},
	"bgp_opens_sent":                        {"counter", "Number of BGP open messages sent"},
	"bgp_opens_received":                    {"counter", "Number of BGP open messages received"},
	"bgp_notifications_sent":                {"counter", "Number of BGP notification messages sent"},
	"bgp_updates_total":                     {"counter", "Number of BGP UPDATE messages sent"},
	"bgp_updates_total_received":            {"counter", "Number of BGP UPDATE messages received"},
	"bgp_keepalives_sent":                   {"counter", "Number of BGP keepalive messages sent"},
	"bgp_keepalives_received":               {"counter", "Number of BGP keepalive messages received"},
	"bgp_route_refresh_sent":                {"counter", "Number of BGP route refresh messages sent"},
	"bgp_total_sent":                        {"counter", "Number of total BGP messages sent"},
	"bgp_total_received":                    {"counter", "Number of total BGP messages received"},
	"bfd_session_up":                        {"gauge", "BFD session state (1 is up, 0 is down)"},
	"bfd_control_packet_input":              {"counter", "Number of received BFD control packets"},
	"bfd_control_packet_output":             {"counter", "Number of sent BFD control packets"},
	"bfd_echo_packet_input":                 {"counter", "Number of received BFD echo packets"},
	"bfd_echo_packet_output":                {"counter", "Number of sent BFD echo packets"},
	"bfd_session_up_events":                 {"counter", "Number of BFD session up events"},
	"bfd_session_down_events":               {"counter", "Number of BFD session down events"},
	"bfd_zebra_notifications":               {"counter", "Number of BFD zebra notifications"},
}

func newMetrics() *metrics { return &metrics{values: map[string]map[string]float64{}} }

// set gives a metric a value. labels are names and values in turn.
func (m *metrics) set(name string, value float64, labels ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values[name] == nil {
		m.values[name] = map[string]float64{}
	}
	m.values[name][labelText(labels)] = value
}

// add raises a counter.
func (m *metrics) add(name string, by float64, labels ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values[name] == nil {
		m.values[name] = map[string]float64{}
	}
	m.values[name][labelText(labels)] += by
}

// clear removes all values of a metric.
func (m *metrics) clear(names ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range names {
		delete(m.values, n)
	}
}

func labelText(labels []string) string {
	var parts []string
	for i := 0; i+1 < len(labels); i += 2 {
		parts = append(parts, fmt.Sprintf("%s=%q", labels[i], labels[i+1]))
	}
	sort.Strings(parts)
	return strings.Join(parts, ",")
}

func (m *metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	var names []string
	for n := range m.values {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		_, base, _ := strings.Cut(n, "_")
		help := metricHelp[base]
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", n, help[1], n, help[0])
		var rows []string
		for labels, v := range m.values[n] {
			if labels != "" {
				labels = "{" + labels + "}"
			}
			rows = append(rows, n+labels+" "+strconv.FormatFloat(v, 'g', -1, 64))
		}
		sort.Strings(rows)
		fmt.Fprintln(w, strings.Join(rows, "\n"))
	}
}

// guard lets only those read /metrics whose token the API server knows and who may GET that path.
func guard(c *cluster, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || token == "" {
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		review, err := c.client.AuthenticationV1().TokenReviews().Create(r.Context(), &authn.TokenReview{Spec: authn.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
		if err != nil {
			c.log.zap(levelError, "error", "controller-runtime.metrics", "Authentication failed", "path", r.URL.Path, "error", err)
			http.Error(w, "Authentication failed", http.StatusInternalServerError)
			return
		}
		if !review.Status.Authenticated {
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		user := review.Status.User
		extra := map[string]authz.ExtraValue{}
		for k, v := range user.Extra {
			extra[k] = authz.ExtraValue(v)
		}
		access, err := c.client.AuthorizationV1().SubjectAccessReviews().Create(r.Context(), &authz.SubjectAccessReview{Spec: authz.SubjectAccessReviewSpec{
			User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
			NonResourceAttributes: &authz.NonResourceAttributes{Path: r.URL.Path, Verb: "get"}}}, metav1.CreateOptions{})
		if err != nil {
			c.log.zap(levelError, "error", "controller-runtime.metrics", "Authorization failed", "path", r.URL.Path, "error", err)
			http.Error(w, "Authorization for user "+user.Username+" failed", http.StatusInternalServerError)
			return
		}
		if !access.Status.Allowed {
			c.log.zap(levelInfo, "info", "controller-runtime.metrics", "Authorization denied", "path", r.URL.Path, "user", user.Username)
			http.Error(w, "Authorization denied for user "+user.Username, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serveMetrics serves /metrics by HTTPS with a certificate of its own, until ctx ends.
func serveMetrics(ctx context.Context, c *cluster, address string, mux *http.ServeMux, m *metrics) {
	c.log.zap(levelInfo, "info", "controller-runtime.metrics", "Starting metrics server")
	mux.Handle("/metrics", guard(c, m))
	cert, err := selfSigned()
	if err == nil {
		err = serve(ctx, &http.Server{Addr: address, Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}})
	}
	if err != nil {
		c.log.zap(levelError, "error", "controller-runtime.metrics", "metrics server ended", "error", err)
	}
}

// serveHealth serves the probes.
func serveHealth(ctx context.Context, log *logger, address string) {
	log.zap(levelInfo, "info", "", "starting server", "name", "health probe", "addr", address)
	mux := http.NewServeMux()
	ok := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }
	mux.HandleFunc("/healthz", ok)
	mux.HandleFunc("/readyz", ok)
	if err := serve(ctx, &http.Server{Addr: address, Handler: mux}); err != nil {
		log.zap(levelError, "error", "", "health probe ended", "error", err)
	}
}

// serve runs a server until ctx ends; with a TLS configuration by HTTPS.
func serve(ctx context.Context, s *http.Server) error {
	s.ReadHeaderTimeout = 10 * time.Second
	go func() {
		<-ctx.Done()
		s.Close()
	}()
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return err
	}
	if s.TLSConfig != nil {
		err = s.ServeTLS(listener, "", "")
	} else {
		err = s.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// selfSigned is a certificate that nobody vouches for, as the metrics servers have.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
