// Package kube is collect's Cluster and Changer on client-go and kubectl's own code: the one package with a network.
package kube

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/kubernetes/scheme"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // OpenID Connect, and words for the providers that are no more
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/klog/v2"

	"github.com/metallb-assay/assay/collect"
)

// The rate of requests of a caller that names none: below what kubectl allows itself, and enough for a node's steps to overlap.
const (
	defaultQPS   = 100
	defaultBurst = 200
)

// Options are the flags by which every user of kubectl chooses a cluster. Empty fields leave it to the kubeconfig.
type Options struct {
	Kubeconfig            string // path; "": those of KUBECONFIG, else ~/.kube/config, else the ServiceAccount of the pod it runs in
	Context               string
	Cluster, User         string // other than the context's
	Server                string // address of the API server
	As, AsUID             string // impersonated
	AsGroups              []string
	Token                 string
	RequestTimeout        time.Duration // of one request; 0: none. It cuts long logs too, as with kubectl
	InsecureSkipTLSVerify bool
	UserAgent             string
	QPS                   float32 // requests a second that are asked in the long run; 0: 100
	Burst                 int     // requests that may be asked at once; 0: 200
}

// Client talks to one cluster. It is for several goroutines at once.
type Client struct {
	config  *rest.Config // for connections of their own: exec, forward
	context string       // name of the kubeconfig's context; "" without a kubeconfig
	http    *http.Client
	rest    *rest.RESTClient
	limiter flowcontrol.RateLimiter
	secrets *secrets
	// The API server, or a proxy before it, speaks SPDY alone: that was seen, and need not be tried again.
	spdyExec, spdyForward atomic.Bool
}

var (
	_ collect.Cluster = (*Client)(nil)
	_ collect.Changer = (*Client)(nil)
)

// Open prepares to talk to the cluster that the options choose. It asks nothing of it yet: an error is about the kubeconfig.
func Open(o Options) (*Client, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.Kubeconfig
	rules.WarnIfAllMissing = false
	overrides := &clientcmd.ConfigOverrides{CurrentContext: o.Context, Context: clientcmdapi.Context{Cluster: o.Cluster, AuthInfo: o.User},
		ClusterInfo: clientcmdapi.Cluster{Server: o.Server, InsecureSkipTLSVerify: o.InsecureSkipTLSVerify},
		AuthInfo:    clientcmdapi.AuthInfo{Token: o.Token, Impersonate: o.As, ImpersonateUID: o.AsUID, ImpersonateGroups: o.AsGroups}}
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
	config, err := loader.ClientConfig()
	if err != nil {
		raw, _ := loader.RawConfig()
		return nil, badConfig(err, o, rules, raw)
	}
	name := o.Context
	if raw, err := loader.RawConfig(); err == nil && name == "" {
		name = raw.CurrentContext
	}
	config.Timeout, config.UserAgent = o.RequestTimeout, o.UserAgent
	config.QPS, config.Burst = o.QPS, o.Burst
	return newClient(config, name)
}

func newClient(config *rest.Config, name string) (*Client, error) {
	silence()
	if config.QPS <= 0 {
		config.QPS = defaultQPS
	}
	if config.Burst <= 0 {
		config.Burst = defaultBurst
	}
	c := &Client{config: config, context: name, limiter: flowcontrol.NewTokenBucketRateLimiter(config.QPS, config.Burst), secrets: newSecrets(config)}
	if err := rest.LoadTLSFiles(config); err != nil { // once, not for every connection
		return nil, badFiles(err, name)
	}
	server, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, c.told(err, "the kubeconfig's server")
	}
	config.Host = server.String() // with its scheme, which is guessed from the certificates otherwise
	if config.UserAgent == "" {
		config.UserAgent = "kubectl-assay"
	}
	config.RateLimiter = c.limiter
	config.WarningHandler = rest.NoWarnings{}
	config.ContentConfig = rest.ContentConfig{AcceptContentTypes: "application/json", ContentType: "application/json", NegotiatedSerializer: scheme.Codecs.WithoutConversion()}
	config.Wrap(c.secrets.watch)
	if c.http, err = rest.HTTPClientFor(config); err != nil {
		return nil, c.told(err, "the kubeconfig's credentials")
	}
	c.rest, err = rest.UnversionedRESTClientForConfigAndClient(config, c.http)
	return c, err
}

// bound is the configuration of a client of client-go that takes no context: it goes through c's connection, and ends with ctx.
func (c *Client) bound(ctx context.Context) *rest.Config {
	return &rest.Config{Host: c.config.Host, Transport: boundTransport{ctx, c.http.Transport}, RateLimiter: c.limiter,
		Timeout: c.config.Timeout, WarningHandler: rest.NoWarnings{}}
}

type boundTransport struct {
	ctx  context.Context
	next http.RoundTripper
}

func (b boundTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	return b.next.RoundTrip(r.WithContext(b.ctx))
}

// request begins a request for a resource, an object of it, or a subresource of that. A resource without a version is v1.
func (c *Client) request(verb string, r collect.Resource, namespace, name string, sub ...string) *rest.Request {
	version := r.Version
	if version == "" {
		version = "v1"
	}
	req := c.rest.Verb(verb)
	if r.Group == "" {
		req = req.AbsPath("/api", version)
	} else {
		req = req.AbsPath("/apis", r.Group, version)
	}
	req = req.NamespaceIfScoped(namespace, namespace != "").Resource(r.Name)
	if name != "" {
		req = req.Name(name)
	}
	if len(sub) > 0 {
		req = req.SubResource(sub...)
	}
	return req
}

// do sends a request and returns the body of its answer.
func (c *Client) do(ctx context.Context, req *rest.Request, needs collect.Permission) ([]byte, error) {
	res := req.Do(ctx)
	if err := res.Error(); err != nil {
		return nil, c.fail(ctx, err, needs)
	}
	body, err := res.Raw()
	return body, c.fail(ctx, err, needs)
}

// server is the API server's address for messages.
func (c *Client) server() string {
	u, err := url.Parse(c.config.Host)
	if err != nil {
		return "the API server"
	}
	return "API server " + u.Redacted()
}

var silent sync.Once

// silence keeps what client-go logs, such as a fallback that worked, off the terminal: what matters comes back as an error.
func silence() {
	silent.Do(func() { klog.SetLogger(klog.Logger{}) })
}

// Context is the name of the kubeconfig's context; "" without a kubeconfig.
func (c *Client) Context() string { return c.context }
