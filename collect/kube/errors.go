package kube

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/exec"

	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/schema"
)

// told is an error with words of our own.
type told struct {
	text string
	err  error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.err }

// told gives an error a text in front; the caller's credentials are taken out.
func (c *Client) told(err error, format string, args ...any) error {
	return &told{c.secrets.hide(fmt.Sprintf(format, args...) + ": " + err.Error()), err}
}

// fail turns what client-go returned into an error that tells how a step ends. needs is what would have to be allowed.
func (c *Client) fail(ctx context.Context, err error, needs collect.Permission) error {
	if err == nil {
		return nil
	}
	var ours *collect.Error
	var exit *collect.ExitError
	if errors.As(err, &ours) || errors.As(err, &exit) {
		return err
	}
	if over := ctx.Err(); over != nil {
		return &collect.Error{Status: schema.StatusTimeout, Err: &told{needs.String() + ": " + over.Error(), over}}
	}
	if code, ok := exitCode(err); ok {
		return &collect.ExitError{Code: code}
	}
	status, text := c.judge(err, needs)
	return &collect.Error{Status: status, Err: &told{c.secrets.hide(text), err}}
}

// judge says how an answer, or that there is none, ends a step, and in which words.
func (c *Client) judge(err error, needs collect.Permission) (schema.Status, string) {
	var upgrade *httpstream.UpgradeFailureError
	if errors.As(err, &upgrade) && upgrade.Cause != nil {
		err = upgrade.Cause
	}
	text := err.Error()
	switch {
	case apierrors.IsForbidden(err):
		return schema.StatusForbidden, text + "; the permission to " + needs.String() + " is missing"
	case apierrors.IsUnauthorized(err):
		return schema.StatusForbidden, fmt.Sprintf("%s does not accept the credentials of %s; log in anew, or choose another --context", c.server(), c.who())
	case absent(text):
		return schema.StatusNotFound, runtimes(text)
	case apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err), apierrors.IsNotAcceptable(err):
		if strings.Contains(text, "the server could not find the requested resource") {
			text = "the cluster does not serve " + resourceOf(needs)
		}
		return schema.StatusNotFound, text
	case apierrors.IsTimeout(err), apierrors.IsServerTimeout(err), late(err):
		return schema.StatusTimeout, c.unreachable(err)
	}
	return schema.StatusFailed, c.unreachable(err)
}

// who names the caller's credentials.
func (c *Client) who() string {
	if c.context == "" {
		return "this pod's ServiceAccount"
	}
	return fmt.Sprintf("context %q", c.context)
}

func resourceOf(p collect.Permission) string {
	p.Verb, p.Namespace, p.Name = "", "", ""
	return strings.TrimSpace(p.String())
}

// absent recognises answers that say that something is not there, whatever code they come with. They are the words of kubelet,
// of the container runtimes, and of the API server.
func absent(text string) bool {
	for _, words := range []string{
		"is waiting to start", "previous terminated container", "executable file not found", "container not found (", "pod not found (",
		"is not valid for pod", "unable to retrieve container logs for",
	} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return strings.Contains(text, "no such file or directory") && strings.Contains(text, "exec")
}

// runtimes takes what a container runtime says of a command out of what everybody on the way put around it.
func runtimes(text string) string {
	if i := strings.LastIndex(text, `exec: "`); i >= 0 {
		return strings.TrimSuffix(text[i:], ": unknown")
	}
	return text
}

// late recognises that somebody on the way waited too long: the client itself, or the API server for a kubelet.
func late(err error) bool {
	var n net.Error
	if errors.As(err, &n) && n.Timeout() {
		return true
	}
	for _, words := range []string{"i/o timeout", "context deadline exceeded", "TLS handshake timeout", "Client.Timeout exceeded", "timed out"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// unreachable says what a failed connection means where that is known, else what the error says.
func (c *Client) unreachable(err error) string {
	var (
		expired x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		alert   tls.AlertError
		dns     *net.DNSError
		at      *url.Error
	)
	if !errors.As(err, &at) && !errors.As(err, &alert) && !errors.As(err, &dns) && !errors.Is(err, syscall.ECONNREFUSED) {
		return err.Error()
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return c.server() + ": connection refused; is it running, and is " + c.who() + " the right one?"
	case errors.As(err, &dns):
		return fmt.Sprintf("%s: its name %q cannot be resolved (%s); a VPN or another --context may be needed", c.server(), dns.Name, dns.Err)
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return fmt.Sprintf("%s: its certificate is not valid now (%s); --insecure-skip-tls-verify passes over that", c.server(), expired.Detail)
	case errors.As(err, &unknown):
		return c.server() + ": its certificate is signed by an authority that the kubeconfig does not name; --insecure-skip-tls-verify passes over that"
	case errors.As(err, &host):
		return c.server() + ": its certificate is for another name: " + host.Error()
	case errors.As(err, &alert), strings.Contains(err.Error(), "remote error: tls:"):
		return fmt.Sprintf("%s refuses the client certificate of %s (%v)%s", c.server(), c.who(), at.Err, c.ownCertificate())
	}
	return fmt.Sprintf("%s: %v", c.server(), at.Err)
}

// ownCertificate says whether the client's certificate is out of date.
func (c *Client) ownCertificate() string {
	pair, err := tls.X509KeyPair(c.config.CertData, c.config.KeyData)
	if err != nil || pair.Leaf == nil {
		return ""
	}
	if end := pair.Leaf.NotAfter; time.Now().After(end) {
		return "; it expired at " + end.UTC().Format(time.RFC3339)
	}
	return ""
}

// exitCode is the status of a command that ran.
func exitCode(err error) (int, bool) {
	var exit exec.CodeExitError
	if errors.As(err, &exit) {
		return exit.Code, true
	}
	return 0, false
}

// badConfig says why no cluster could be chosen.
func badConfig(err error, o Options, rules *clientcmd.ClientConfigLoadingRules, raw clientcmdapi.Config) error {
	name := o.Context
	if name == "" {
		name = raw.CurrentContext
	}
	switch {
	case o.Kubeconfig != "" && errors.Is(err, fs.ErrNotExist):
		return &told{fmt.Sprintf("--kubeconfig %s: no such file", o.Kubeconfig), err}
	case len(raw.Contexts) == 0:
		return &told{fmt.Sprintf("no kubeconfig: looked for %s; name one with --kubeconfig or KUBECONFIG", strings.Join(rules.GetLoadingPrecedence(), ", ")), err}
	case name != "" && raw.Contexts[name] == nil:
		return &told{fmt.Sprintf("the kubeconfig has no context %q; it has: %s", name, strings.Join(contexts(raw), ", ")), err}
	case clientcmd.IsEmptyConfig(err):
		return &told{fmt.Sprintf("the kubeconfig names no current context; choose with --context one of: %s", strings.Join(contexts(raw), ", ")), err}
	}
	return &told{"the kubeconfig cannot be used: " + err.Error(), err}
}

// badFiles says which file of a kubeconfig could not be read.
func badFiles(err error, name string) error {
	return &told{fmt.Sprintf("the kubeconfig's context %q: %v", name, err), err}
}

func contexts(raw clientcmdapi.Config) []string {
	var names []string
	for name := range raw.Contexts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
