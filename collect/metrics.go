package collect

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// metricsMax is how many bytes of one port's metrics are kept.
const metricsMax = 32 << 20

// tokenLifetime is how long a token lives that a collection asks for: the least that Kubernetes gives.
const tokenLifetime = 10 * time.Minute

// metricsPorts are the ports of MetalLB's and frr-k8s' pods that have metrics, over all releases: 7472 and 7473 in clear text until
// v0.15.3, 9120 and 9121 behind authentication since v0.16.0 (before: of kube-rbac-proxy), 9140 and 9141 of frr-k8s.
var metricsPorts = map[int]bool{7472: true, 7473: true, 9120: true, 9121: true, 9140: true, 9141: true}

// metrics are the steps for the metrics of each pod's ports.
func (p *planner) metrics(pods []Pod) []Step {
	auth := &authority{account: p.o.MetricsAccount, changer: p.changer}
	shells := p.shells(pods)
	var steps []Step
	for i := range pods {
		pod := &pods[i]
		ports := map[int]string{}
		for _, c := range pod.Containers {
			for name, n := range c.Ports {
				if metricsPorts[n] || strings.Contains(name, "metrics") && n != 7572 && n != 7573 { // those two listen on 127.0.0.1
					ports[n] = c.Name
				}
			}
		}
		for _, n := range sortedPorts(ports) {
			path := fmt.Sprintf("metrics/%s/%s/%d.prom", pod.Namespace, pod.Name, n)
			s := Step{Name: path, Does: fmt.Sprintf("read metrics of %s/%s, port %d, through a forwarded port", pod.Namespace, pod.Name, n), Class: ClassState,
				Node: pod.Node, Namespace: pod.Namespace, Pod: pod.Name, Container: ports[n],
				Needs: []Permission{{Verb: "create", Resource: "pods", Subresource: "portforward", Namespace: pod.Namespace}}}
			if pod.Phase != "Running" {
				s.Skip = "the pod is " + pod.Phase
			}
			from := metricsFrom{auth: auth, pod: pod, port: n, shell: shells[pod.Node]}
			s.Run = func(ctx context.Context, w *Work) error { return from.read(ctx, w, path) }
			steps = append(steps, s)
		}
	}
	return steps
}

func sortedPorts(ports map[int]string) []int {
	var all []int
	for n := range ports {
		all = append(all, n)
	}
	sort.Ints(all)
	return all
}

// authority gives the token that a metrics port may want: the caller's, else one for a ServiceAccount, asked for once.
type authority struct {
	account string
	changer Changer

	mu    sync.Mutex
	asked string
}

// token is "" when there is none to be had.
func (a *authority) token(ctx context.Context, c Cluster) (string, error) {
	if a.account != "" && a.changer != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.asked != "" {
			return a.asked, nil
		}
		ns, name, _ := strings.Cut(a.account, "/")
		t, err := a.changer.Token(ctx, ns, name, tokenLifetime)
		if err != nil {
			return "", fmt.Errorf("a token for the service account %s: %w", a.account, err)
		}
		a.asked = t
		return t, nil
	}
	return c.BearerToken(), nil
}

// shells are the containers with a shell on the host's network, by node.
func (p *planner) shells(pods []Pod) map[string]Container {
	all := map[string]Container{}
	for i := range pods {
		for _, c := range pods[i].Containers {
			if c.Name == "frr" && c.Running && !p.o.NoExec {
				all[pods[i].Node] = Container{pods[i].Namespace, pods[i].Name, c.Name}
			}
		}
	}
	return all
}

// metricsFrom is a port that has metrics.
type metricsFrom struct {
	auth  *authority
	pod   *Pod
	port  int
	shell Container // on the same node; no Pod when there is none
}

// read gets /metrics of the port: through a forwarded port, else, where nothing listens on the pod's localhost, through a shell on
// the node.
func (m metricsFrom) read(ctx context.Context, w *Work, path string) error {
	err := m.get(ctx, w, path, func(ctx context.Context) (net.Conn, error) {
		return w.Cluster.Dial(ctx, m.pod.Namespace, m.pod.Name, m.port)
	})
	if err == nil || !m.pod.HostNetwork || !strings.Contains(err.Error(), "connection refused") {
		return err
	}
	if m.shell.Pod == "" || m.pod.HostIP == "" {
		return &Error{Status: schema.StatusNotFound, Err: fmt.Errorf("%w; a speaker listens on the node's address alone, which a forwarded port does not reach, and no container on the node has a shell", err)}
	}
	return m.get(ctx, w, path, func(context.Context) (net.Conn, error) {
		return tunnel(ctx, w.Cluster, m.shell, m.pod.HostIP, m.port), nil
	})
}

// get gets /metrics over connections that dial makes: over TLS where the port speaks that, with a token where it asks for one.
func (m metricsFrom) get(ctx context.Context, w *Work, path string, dial func(context.Context) (net.Conn, error)) error {
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		// The certificate is signed by itself: the connection goes through the API server, which vouches for the pod.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	scheme := "https"
	if m.port == 7472 || m.port == 7473 {
		scheme = "http"
	}
	answer, err := getMetrics(ctx, client, scheme, "")
	if err != nil && strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		scheme = "http"
		answer, err = getMetrics(ctx, client, scheme, "")
	}
	if err != nil {
		return err
	}
	if answer.StatusCode == http.StatusUnauthorized {
		answer.Body.Close()
		token, err := m.auth.token(ctx, w.Cluster)
		if err != nil {
			return err
		}
		if token == "" {
			return &Error{Status: schema.StatusForbidden, Err: errors.New("the port wants a bearer token and the caller has none (it presents a certificate): --metrics-service-account NAMESPACE/NAME names an account that may get /metrics")}
		}
		if answer, err = getMetrics(ctx, client, scheme, token); err != nil {
			return err
		}
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return refusal(answer)
	}
	out, err := w.Create(path)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(bufio.NewReader(answer.Body), metricsMax))
	if n == metricsMax {
		w.End(schema.StatusCut)
		w.Note("cut at %d MiB", metricsMax>>20)
	}
	if end := out.Close(); err == nil {
		err = end
	}
	return err
}

func getMetrics(ctx context.Context, client *http.Client, scheme, token string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://metrics/metrics", nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return client.Do(req)
}

// refusal says why a port gave no metrics, and what is missing: the text of the answer tells a token without rights from an
// installation that can't check tokens.
func refusal(answer *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
	said := strings.TrimSpace(string(text))
	err := &Error{Status: schema.StatusFailed, Err: fmt.Errorf("the port answered %s: %s", answer.Status, said)}
	switch {
	case strings.Contains(said, "Authentication failed"):
		err.Status = schema.StatusForbidden
		err.Err = fmt.Errorf("%w; every token fails like this where the pod's service account may not create tokenreviews (MetalLB's manifests without -prometheus do not allow it)", err.Err)
	case answer.StatusCode == http.StatusForbidden:
		err.Status = schema.StatusForbidden
		err.Err = fmt.Errorf("%w; the token's account needs a ClusterRole with nonResourceURLs /metrics, verb get", err.Err)
	case answer.StatusCode == http.StatusUnauthorized:
		err.Status = schema.StatusForbidden
	case answer.StatusCode == http.StatusNotFound:
		err.Status = schema.StatusNotFound
	}
	return err
}
