package kube

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	gwebsocket "github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/apimachinery/pkg/util/httpstream/spdy"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
)

// token is the caller's; no message may have it.
const token = "canary-token-0123456789"

// api is an API server that knows the requests of the tests.
type api struct {
	*httptest.Server
	mux *http.ServeMux

	mu   sync.Mutex
	seen []string // requests: method, path, a blank and the query
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{mux: http.NewServeMux()}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.seen = append(a.seen, r.Method+" "+r.URL.Path+" "+r.URL.RawQuery)
		a.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+token {
			status(w, http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "Unauthorized", "")
			return
		}
		a.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

// handle answers a pattern of net/http.
func (a *api) handle(pattern string, h http.HandlerFunc) { a.mux.HandleFunc(pattern, h) }

// json answers a pattern with a text.
func (a *api) json(pattern, body string) {
	a.handle(pattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, body)
	})
}

func (a *api) requests() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.seen...)
}

func (a *api) client(t *testing.T) *Client {
	t.Helper()
	c, err := newClient(&rest.Config{Host: a.URL, BearerToken: token}, "lab")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// status answers as the API server refuses.
func status(w http.ResponseWriter, code int, reason metav1.StatusReason, message, next string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, ListMeta: metav1.ListMeta{Continue: next},
		Status: "Failure", Reason: reason, Message: message, Code: int32(code)})
}

// A command's end on the stream of errors.
const (
	endedWell = `{"metadata":{},"status":"Success"}`
	ended3    = `{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}`
	ended127  = `{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"127"}]}}`
	noShell   = `{"metadata":{},"status":"Failure","message":"Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"1\": OCI runtime exec failed: exec failed: unable to start container process: exec: \"sh\": executable file not found in $PATH: unknown","reason":"InternalError","code":500}`
)

// command is what a container does.
type command struct{ stdout, stderr, end string }

// exec answers execs as API servers since v1.30 do, by WebSocket, or by SPDY alone as the older ones.
func (a *api) exec(pod string, webSocket bool, c command) {
	path := "/api/v1/namespaces/ns/pods/" + pod + "/exec"
	a.handle("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		if !webSocket {
			status(w, http.StatusForbidden, metav1.StatusReasonForbidden, "no WebSocket here", "")
			return
		}
		up := gwebsocket.Upgrader{Subprotocols: []string{"v5.channel.k8s.io"}}
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		for channel, text := range map[int]string{1: c.stdout, 2: c.stderr} {
			if text != "" {
				_ = conn.WriteMessage(gwebsocket.BinaryMessage, append([]byte{byte(channel)}, text...))
			}
		}
		if c.end == "" { // hangs until the client goes
			_, _, _ = conn.NextReader()
			return
		}
		_ = conn.WriteMessage(gwebsocket.BinaryMessage, append([]byte{3}, c.end...))
		_ = conn.WriteMessage(gwebsocket.CloseMessage, gwebsocket.FormatCloseMessage(gwebsocket.CloseNormalClosure, ""))
		_, _, _ = conn.NextReader()
	})
	a.handle("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		if _, err := httpstream.Handshake(r, w, []string{"v4.channel.k8s.io"}); err != nil {
			return
		}
		streams := map[string]httpstream.Stream{}
		var mu sync.Mutex
		ready := make(chan struct{}, 4)
		conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, _ <-chan struct{}) error {
			mu.Lock()
			defer mu.Unlock()
			streams[s.Headers().Get(corev1.StreamType)] = s
			ready <- struct{}{}
			return nil
		})
		if conn == nil {
			return
		}
		for range 3 {
			<-ready
		}
		mu.Lock()
		defer mu.Unlock()
		io.WriteString(streams[corev1.StreamTypeStdout], c.stdout)
		io.WriteString(streams[corev1.StreamTypeStderr], c.stderr)
		io.WriteString(streams[corev1.StreamTypeError], c.end)
		for _, s := range streams {
			s.Close()
		}
		<-conn.CloseChan()
	})
}

// forward answers forwards: port 80 gives a greeting and echoes one line, nothing listens on any other.
func (a *api) forward(pod string, webSocket bool) {
	path := "/api/v1/namespaces/ns/pods/" + pod + "/portforward"
	streams := func(s httpstream.Stream, replied <-chan struct{}) error {
		go func() {
			<-replied
			defer s.Close()
			listens := s.Headers().Get(corev1.PortHeader) == "80"
			switch s.Headers().Get(corev1.StreamType) {
			case corev1.StreamTypeError:
				if !listens {
					io.WriteString(s, "an error occurred forwarding: dial tcp4 127.0.0.1:81: connect: connection refused")
				}
			case corev1.StreamTypeData:
				if listens {
					io.WriteString(s, "hello ")
					line := make([]byte, 6)
					_, _ = io.ReadFull(s, line)
					_, _ = s.Write(line)
				}
			}
		}()
		return nil
	}
	a.handle("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		if !webSocket {
			http.Error(w, "no WebSocket here", http.StatusBadRequest)
			return
		}
		up := gwebsocket.Upgrader{Subprotocols: []string{"SPDY/3.1+portforward.k8s.io"}}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		conn, err := spdy.NewServerConnection(portforward.NewTunnelingConnection("server", ws), streams)
		if err == nil {
			<-conn.CloseChan()
		}
	})
	a.handle("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		if _, err := httpstream.Handshake(r, w, []string{"portforward.k8s.io"}); err != nil {
			return
		}
		if conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, streams); conn != nil {
			<-conn.CloseChan()
		}
	})
}

// page is one page of a list of Services without kinds, as the API server's own lists are.
func page(next string, names ...string) string {
	var items []string
	for _, n := range names {
		namespace, name, _ := strings.Cut(n, "/")
		items = append(items, fmt.Sprintf(`{"metadata":{"name":%q,"namespace":%q},"spec":{"ports":[{"port":80}],"weight":0.5,"big":9007199254740993}}`, name, namespace))
	}
	return fmt.Sprintf(`{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":%q},"items":[%s]}`, next, strings.Join(items, ","))
}
