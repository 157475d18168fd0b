package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	streamspdy "k8s.io/apimachinery/pkg/util/httpstream/spdy"
	protocols "k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/client-go/transport/websocket"

	"github.com/metallb-assay/assay/collect"
)

// Dial opens a forward of its own to a port of a pod: by WebSocket, then by SPDY. The context governs the dialling alone, as with
// net.Dialer. That nobody listens there comes as the error of the first Read. Rights: create pods/portforward, and get
// pods/portforward for the first try to do.
func (c *Client) Dial(ctx context.Context, namespace, pod string, port int) (net.Conn, error) {
	needs := collect.Permission{Verb: "create", Resource: "pods", Subresource: "portforward", Namespace: namespace}
	if err := c.limiter.Wait(ctx); err != nil {
		return nil, c.fail(ctx, err, needs)
	}
	at := c.request("POST", pods, namespace, pod, "portforward").URL()
	dialled := &handover{}
	err := c.twoWays(ctx, &c.spdyForward,
		func() error { return dialled.give(c.forwardWebSocket(ctx, at)) },
		func() error { return dialled.give(c.forwardSPDY(ctx, at)) })
	if err != nil {
		dialled.forget()
		return nil, c.fail(ctx, err, needs)
	}
	conn, err := c.connect(dialled.conn, port, needs)
	if err != nil {
		dialled.forget()
		return nil, c.fail(ctx, err, needs)
	}
	return conn, nil
}

func (c *Client) forwardWebSocket(ctx context.Context, at *url.URL) (httpstream.Connection, error) {
	transport, holder, err := websocket.RoundTripperFor(c.config)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	conn, err := websocket.Negotiate(transport, holder, req, protocols.WebsocketsSPDYTunnelingPrefix+protocols.PortForwardV1Name)
	if err != nil {
		return nil, err
	}
	if conn == nil {
		return nil, errors.New("the API server made no connection of the WebSocket")
	}
	return streamspdy.NewClientConnectionWithPings(portforward.NewTunnelingConnection("assay", conn), portforward.PingPeriod)
}

func (c *Client) forwardSPDY(ctx context.Context, at *url.URL) (httpstream.Connection, error) {
	transport, upgrader, err := spdy.RoundTripperFor(c.config)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), nil)
	if err != nil {
		return nil, err
	}
	conn, _, err := spdy.Negotiate(upgrader, &http.Client{Transport: transport}, req, protocols.PortForwardV1Name)
	return conn, err
}

// handover holds what a dialling that may be left behind brings; one that comes too late is closed.
type handover struct {
	mu     sync.Mutex
	conn   httpstream.Connection
	gaveUp bool
}

func (h *handover) give(conn httpstream.Connection, err error) error {
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gaveUp {
		return conn.Close()
	}
	h.conn = conn
	return nil
}

func (h *handover) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gaveUp = true
	if h.conn != nil {
		h.conn.Close()
	}
}

// connect opens the two streams of one forwarded connection: errors, then data.
func (c *Client) connect(conn httpstream.Connection, port int, needs collect.Permission) (net.Conn, error) {
	headers := http.Header{}
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, "0")
	errs, err := conn.CreateStream(headers)
	if err != nil {
		return nil, err
	}
	errs.Close() // nothing is written to it
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := conn.CreateStream(headers)
	if err != nil {
		return nil, err
	}
	// The pipe gives the streams what they lack of a net.Conn: deadlines.
	near, far := net.Pipe()
	f := &forward{Conn: near, failed: make(chan struct{}), over: make(chan struct{})}
	go func() {
		defer close(f.failed)
		text, _ := io.ReadAll(io.LimitReader(errs, 64<<10))
		if len(text) > 0 {
			f.why = c.fail(context.Background(), errors.New(forwardError(string(text), port)), needs)
		}
	}()
	go func() {
		_, _ = io.Copy(far, data)
		far.Close()
	}()
	go func() {
		_, _ = io.Copy(data, far)
		_ = data.Close()
		<-f.over // what the pod sent last may still be read
		_ = data.Reset()
		conn.Close()
	}()
	return f, nil
}

// forwardError says what a kubelet's or runtime's text means where that is known.
func forwardError(text string, port int) string {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "connection refused") {
		return fmt.Sprintf("nothing listens on port %d of the pod (connection refused)", port)
	}
	return text
}

// forward is a connection to a pod's port.
type forward struct {
	net.Conn
	failed chan struct{} // closed when the stream of errors has ended
	why    error         // what it said; read after failed
	over   chan struct{} // closed by Close
	once   sync.Once
}

// settle is how long an error may come after the end of the data that it explains.
const settle = 250 * time.Millisecond

// Read reads what the pod sent. A connection that the cluster could not make ends with what it says of that instead of io.EOF.
func (f *forward) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	return n, f.explain(err)
}

// Write sends to the pod.
func (f *forward) Write(p []byte) (int, error) {
	n, err := f.Conn.Write(p)
	return n, f.explain(err)
}

// explain is the cluster's word for the end of a connection, where there is one.
func (f *forward) explain(err error) error {
	if err == nil || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	select {
	case <-f.over:
		return err
	case <-f.failed:
	case <-time.After(settle):
		return err
	}
	if f.why != nil {
		return f.why
	}
	return err
}

// Close ends the forward.
func (f *forward) Close() error {
	f.once.Do(func() { close(f.over) })
	return f.Conn.Close()
}
