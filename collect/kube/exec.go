package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"

	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/schema"
)

// Exec asks by WebSocket, then by SPDY, as kubectl does. Nothing is written to stdout or stderr after it returned. Rights: create
// pods/exec, and get pods/exec for the first try to do (API servers up to v1.34 take a WebSocket for a get).
func (c *Client) Exec(ctx context.Context, where collect.Container, command []string, stdin io.Reader, stdout, stderr io.Writer) error {
	needs := collect.Permission{Verb: "create", Resource: "pods", Subresource: "exec", Namespace: where.Namespace}
	if err := c.limiter.Wait(ctx); err != nil {
		return c.fail(ctx, err, needs)
	}
	out, errs := newGate(stdout), newGate(stderr)
	defer out.shut()
	defer errs.shut()
	at := c.request("POST", pods, where.Namespace, where.Pod, "exec").SpecificallyVersionedParams(&corev1.PodExecOptions{Container: where.Name, Command: command,
		Stdin: stdin != nil, Stdout: stdout != nil, Stderr: stderr != nil}, scheme.ParameterCodec, corev1.SchemeGroupVersion).URL()
	options := remotecommand.StreamOptions{Stdin: stdin}
	if stdout != nil {
		options.Stdout = out
	}
	if stderr != nil {
		options.Stderr = errs
	}
	err := c.twoWays(ctx, &c.spdyExec,
		func() error { return c.execWebSocket(ctx, at, options) },
		func() error { return c.execSPDY(ctx, at, options) })
	if code, ok := exitCode(err); ok && (code == 126 || code == 127) && (out.says(noProgram) || errs.says(noProgram)) {
		// A runtime that says it in the command's own output.
		return &collect.Error{Status: schema.StatusNotFound, Err: fmt.Errorf("%s: %s", command[0], noProgram)}
	}
	return c.fail(ctx, err, needs)
}

const noProgram = "executable file not found"

func (c *Client) execWebSocket(ctx context.Context, at *url.URL, o remotecommand.StreamOptions) error {
	e, err := remotecommand.NewWebSocketExecutor(c.config, "GET", at.String())
	if err != nil {
		return err
	}
	return e.StreamWithContext(ctx, o)
}

func (c *Client) execSPDY(ctx context.Context, at *url.URL, o remotecommand.StreamOptions) error {
	e, err := remotecommand.NewSPDYExecutor(c.config, "POST", at)
	if err != nil {
		return err
	}
	return e.StreamWithContext(ctx, o)
}

// twoWays tries WebSocket, then SPDY where the former could not be had; that SPDY works where WebSocket does not is remembered.
// It ends with the context, whether what it called heeds that or not.
func (c *Client) twoWays(ctx context.Context, spdy *atomic.Bool, first, second func() error) error {
	end := make(chan error, 1)
	go func() {
		if spdy.Load() {
			end <- second()
			return
		}
		err := first()
		if ctx.Err() != nil || final(err) || !httpstream.IsUpgradeFailure(err) && !httpstream.IsHTTPSProxyError(err) {
			end <- err
			return
		}
		err = second()
		if _, ran := exitCode(err); err == nil || ran {
			spdy.Store(true)
		}
		end <- err
	}()
	select {
	case err := <-end:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// final says that SPDY would fail too: the pod is not there, or its node does not answer the API server, which takes long to find out.
func final(err error) bool {
	var upgrade *httpstream.UpgradeFailureError
	return errors.As(err, &upgrade) && upgrade.Cause != nil &&
		(apierrors.IsNotFound(upgrade.Cause) || strings.Contains(upgrade.Cause.Error(), "error dialing backend"))
}

// errShut ends writes that come after the call.
var errShut = errors.New("the call has ended")

// gate passes writes on until it is shut, and keeps the beginning.
type gate struct {
	mu   sync.Mutex
	to   io.Writer
	head []byte
}

// headSize holds the message of a container runtime.
const headSize = 512

func newGate(to io.Writer) *gate {
	if to == nil {
		to = io.Discard
	}
	return &gate{to: to}
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.to == nil {
		return 0, errShut
	}
	if room := headSize - len(g.head); room > 0 {
		g.head = append(g.head, p[:min(room, len(p))]...)
	}
	return g.to.Write(p)
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.to = nil
}

func (g *gate) says(text string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return bytes.Contains(g.head, []byte(text))
}
