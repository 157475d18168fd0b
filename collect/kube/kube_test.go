package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/schema"
)

var services = collect.Resource{Version: "v1", Name: "services", Kind: "Service", Namespaced: true}

// list gives namespace/name of what List gives.
func list(c *Client, r collect.Resource) ([]string, error) {
	var got []string
	err := c.List(context.Background(), r, collect.Query{}, func(o collect.Object) error {
		got = append(got, keyOf(o))
		return nil
	})
	return got, err
}

// hold checks an error's status and words, and that it tells no credentials.
func hold(t *testing.T, err error, want schema.Status, words ...string) {
	t.Helper()
	if got := collect.StatusOf(err); got != want {
		t.Errorf("status %s, want %s: %v", got, want, err)
	}
	if err == nil {
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is missing in: %v", w, err)
		}
	}
	if strings.Contains(err.Error(), token) {
		t.Errorf("credentials are told: %v", err)
	}
}

func TestListFollowsPages(t *testing.T) {
	a := newAPI(t)
	a.handle("GET /api/v1/services", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Query().Get("continue") {
		case "":
			io.WriteString(w, page("p2", "a/one", "a/two"))
		case "p2":
			io.WriteString(w, page("", "b/one"))
		}
	})
	var got []collect.Object
	err := a.client(t).List(context.Background(), services, collect.Query{Labels: "app=web", Fields: "spec.x=y"}, func(o collect.Object) error {
		got = append(got, o)
		return nil
	})
	if err != nil || len(got) != 3 {
		t.Fatalf("%d objects: %v", len(got), err)
	}
	spec := got[2]["spec"].(map[string]any)
	if got[2]["kind"] != "Service" || got[2]["apiVersion"] != "v1" || spec["big"] != int64(9007199254740993) || spec["weight"] != 0.5 {
		t.Errorf("the object is %v", got[2])
	}
	for _, r := range a.requests() {
		if !strings.Contains(r, "limit=500") || !strings.Contains(r, "labelSelector=app%3Dweb") || !strings.Contains(r, "fieldSelector=spec.x%3Dy") {
			t.Errorf("request %s", r)
		}
	}
}

// TestListThatGrewTooOld goes on with the token that the API server offers, or begins anew; nothing comes twice.
func TestListThatGrewTooOld(t *testing.T) {
	for name, offered := range map[string]string{"with a token": "newer", "without": ""} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			expired := false
			a.handle("GET /api/v1/services", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				next := r.URL.Query().Get("continue")
				switch {
				case next == "" && !expired:
					io.WriteString(w, page("old", "a-b/x", "a/one", "a/two"))
				case next == "old":
					expired = true
					status(w, http.StatusGone, metav1.StatusReasonExpired, "The provided continue parameter is too old", offered)
				case next == "newer":
					io.WriteString(w, page("", "b/one"))
				default: // again, where one came and one went
					io.WriteString(w, page("", "a-b/x", "a/new", "a/two", "b/one"))
				}
			})
			got, err := list(a.client(t), services)
			if want := []string{"a-b/x", "a/one", "a/two", "b/one"}; err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, want %v: %v", got, want, err)
			}
		})
	}
}

func TestListKeepsWhatCameBeforeAnError(t *testing.T) {
	a := newAPI(t)
	a.json("GET /api/v1/services", strings.TrimSuffix(page("", "a/one", "a/two"), `"big":9007199254740993}}]}`))
	got, err := list(a.client(t), services)
	hold(t, err, schema.StatusFailed, "ends in its middle")
	if !slices.Equal(got, []string{"a/one"}) {
		t.Errorf("got %v", got)
	}
	stop := errors.New("enough")
	if err := a.client(t).List(context.Background(), services, collect.Query{}, func(collect.Object) error { return stop }); err != stop {
		t.Errorf("each's error became %v", err)
	}
}

func TestAnswersBecomeStatuses(t *testing.T) {
	a := newAPI(t)
	a.handle("GET /api/v1/services", func(w http.ResponseWriter, _ *http.Request) {
		status(w, http.StatusForbidden, metav1.StatusReasonForbidden, `services is forbidden: User "u" cannot list resource "services"; `+token, "")
	})
	a.handle("GET /api/v1/namespaces/ns/pods/p/log", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("container") {
		case "waits":
			status(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, `container "waits" in pod "p" is waiting to start: ContainerCreating`, "")
		case "once":
			status(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, `previous terminated container "once" in pod "p" not found`, "")
		case "gone":
			io.WriteString(w, "unable to retrieve container logs for containerd://ab12")
		case "far":
			status(w, http.StatusInternalServerError, metav1.StatusReasonInternalError, "Get \"https://10.0.0.3:10250/x\": dial tcp 10.0.0.3:10250: i/o timeout", "")
		}
	})
	c := a.client(t)
	ctx := context.Background()
	_, err := list(c, services)
	hold(t, err, schema.StatusForbidden, `cannot list resource "services"`, "the permission to list services is missing", "(removed: credentials)")
	_, err = list(c, collect.Resource{Group: "metallb.io", Version: "v1beta1", Name: "ipaddresspools"})
	hold(t, err, schema.StatusNotFound, "the cluster does not serve ipaddresspools.metallb.io")
	for container, want := range map[string]schema.Status{"waits": schema.StatusNotFound, "once": schema.StatusNotFound, "gone": schema.StatusNotFound, "far": schema.StatusTimeout} {
		_, err = c.Log(ctx, collect.LogQuery{Container: collect.Container{Namespace: "ns", Pod: "p", Name: container}})
		hold(t, err, want)
	}
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	a.handle("GET /api/v1/namespaces/ns/services/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err = c.Get(ctx, services, "ns", "slow")
	hold(t, err, schema.StatusTimeout, "get services slow in ns: context deadline exceeded")
	other, err := newClient(&rest.Config{Host: a.URL, BearerToken: "expired-token"}, "lab")
	if err != nil {
		t.Fatal(err)
	}
	_, err = list(other, services)
	hold(t, err, schema.StatusForbidden, `does not accept the credentials of context "lab"`)
}

func TestLogHasTimesAndIsAStream(t *testing.T) {
	a := newAPI(t)
	text := "2026-01-02T03:04:05.000000001Z hello\n"
	a.handle("GET /api/v1/namespaces/ns/pods/p/log", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, text)
		w.(http.Flusher).Flush()
		if r.URL.Query().Get("container") == "endless" {
			<-r.Context().Done()
		}
	})
	c := a.client(t)
	where := collect.Container{Namespace: "ns", Pod: "p", Name: "speaker"}
	stream, err := c.Log(context.Background(), collect.LogQuery{Container: where, Previous: true, Since: 1500 * time.Millisecond, TailLines: 9, MaxBytes: 99})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if got, err := io.ReadAll(stream); string(got) != text || err != nil {
		t.Errorf("%q: %v", got, err)
	}
	if want := "GET /api/v1/namespaces/ns/pods/p/log container=speaker&limitBytes=99&previous=true&sinceSeconds=2&tailLines=9&timestamps=true"; a.requests()[0] != want {
		t.Errorf("asked %s", a.requests()[0])
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	where.Name = "endless"
	stream, err = c.Log(ctx, collect.LogQuery{Container: where})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	got, err := io.ReadAll(stream)
	hold(t, err, schema.StatusTimeout)
	if string(got) != text {
		t.Errorf("before the end came %q", got)
	}
}

func TestTableAsksForNoObjects(t *testing.T) {
	a := newAPI(t)
	a.handle("GET /api/v1/namespaces/ns/secrets", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != tableOnly || r.URL.Query().Get("includeObject") != "None" {
			t.Errorf("asked %s with %s", r.URL, r.Header.Get("Accept"))
		}
		io.WriteString(w, `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"columnDefinitions":[{"name":"Name","type":"string"},{"name":"Data","type":"integer"}],"rows":[{"cells":["memberlist",1],"object":null},{"cells":["x",null]}]}`)
	})
	a.json("GET /api/v1/namespaces/old/secrets", page(""))
	secrets := collect.Resource{Version: "v1", Name: "secrets"}
	table, err := a.client(t).Table(context.Background(), secrets, collect.Query{Namespace: "ns"})
	if got := fmt.Sprint(table); err != nil || got != "{[Name Data] [[memberlist 1] [x ]]}" {
		t.Errorf("%s: %v", got, err)
	}
	_, err = a.client(t).Table(context.Background(), secrets, collect.Query{Namespace: "old"})
	hold(t, err, schema.StatusFailed, "does not print secrets as a table")
}

func TestAllowedAndIdentify(t *testing.T) {
	a := newAPI(t)
	a.handle("POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, `{"status":{"allowed":%t}}`, bytes.Contains(body, []byte(`"subresource":"log"`)) || bytes.Contains(body, []byte(`"path":"/metrics"`)))
	})
	a.json("GET /version", `{"gitVersion":"v1.34.4"}`)
	a.json("POST /apis/authentication.k8s.io/v1/selfsubjectreviews", `{"status":{"userInfo":{"username":"ann"}}}`)
	c := a.client(t)
	for p, want := range map[collect.Permission]bool{
		{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "ns"}: true,
		{Verb: "list", Resource: "pods"}:                                     false,
		{Verb: "get", URL: "/metrics"}:                                       true,
	} {
		if got, err := c.Allowed(context.Background(), p); got != want || err != nil {
			t.Errorf("%s: %t, %v", p, got, err)
		}
	}
	if id, err := c.Identify(context.Background()); err != nil || id != (collect.Identity{Context: "lab", Version: "v1.34.4", User: "ann"}) {
		t.Errorf("%v, %v", id, err)
	}
}

// TestDiscoveryIsPartialWhereAGroupIsStale is that of a cluster whose metrics server is down.
func TestDiscoveryIsPartialWhereAGroupIsStale(t *testing.T) {
	a := newAPI(t)
	aggregated := func(items string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
			io.WriteString(w, `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[`+items+`]}`)
		}
	}
	resource := func(name, kind string) string {
		return fmt.Sprintf(`{"resource":%q,"scope":"Namespaced","verbs":["get","list"],"responseKind":{"group":"","version":"","kind":%q},"subresources":[{"subresource":"status","responseKind":{"group":"","version":"","kind":%q}}]}`, name, kind, kind)
	}
	a.handle("GET /api", aggregated(`{"metadata":{},"versions":[{"version":"v1","freshness":"Current","resources":[`+resource("pods", "Pod")+`]}]}`))
	a.handle("GET /apis", aggregated(`{"metadata":{"name":"metallb.io"},"versions":[
		{"version":"v1beta2","freshness":"Current","resources":[`+resource("bgppeers", "BGPPeer")+`]},
		{"version":"v1beta1","freshness":"Current","resources":[`+resource("bgppeers", "BGPPeer")+`,`+resource("ipaddresspools", "IPAddressPool")+`]}]},
		{"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}`))
	found, err := a.client(t).Resources(context.Background())
	hold(t, err, schema.StatusFailed, "could not be found out: metrics.k8s.io/v1beta1")
	var got []string
	for _, r := range found {
		got = append(got, r.Version+" "+r.String()+" "+r.Kind)
	}
	if want := []string{"v1 pods Pod", "v1beta2 bgppeers.metallb.io BGPPeer", "v1beta1 ipaddresspools.metallb.io IPAddressPool"}; !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = a.client(t).Resources(ctx)
	hold(t, err, schema.StatusTimeout)
}

func TestExec(t *testing.T) {
	a := newAPI(t)
	a.exec("well", true, command{"out", "err", endedWell})
	a.exec("three", true, command{"out", "", ended3})
	a.exec("bare", true, command{"", "", noShell})
	a.exec("crio", true, command{"", "exec failed: \"sh\": executable file not found in $PATH\n", ended127})
	a.exec("hangs", true, command{"out", "", ""})
	a.exec("old", false, command{"out", "err", endedWell})
	c := a.client(t)
	run := func(pod string) (string, error) {
		var out, errs bytes.Buffer
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		err := c.Exec(ctx, collect.Container{Namespace: "ns", Pod: pod, Name: "frr"}, []string{"sh", "-c", "echo"}, nil, &out, &errs)
		return out.String() + errs.String(), err
	}
	if got, err := run("well"); got != "outerr" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	var exit *collect.ExitError
	if got, err := run("three"); got != "out" || !errors.As(err, &exit) || exit.Code != 3 {
		t.Errorf("%q, %v", got, err)
	}
	_, err := run("bare")
	hold(t, err, schema.StatusNotFound)
	if want := `exec: "sh": executable file not found in $PATH`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	_, err = run("crio")
	hold(t, err, schema.StatusNotFound, "executable file not found")
	got, err := run("hangs")
	hold(t, err, schema.StatusTimeout)
	if got != "out" {
		t.Errorf("before the end came %q", got)
	}
	for range 2 {
		if got, err := run("old"); got != "outerr" || err != nil {
			t.Errorf("by SPDY: %q, %v", got, err)
		}
	}
	if want := "command=sh&command=-c&command=echo&container=frr&stderr=true&stdout=true"; !strings.HasSuffix(a.requests()[0], want) {
		t.Errorf("asked %s, want %s", a.requests()[0], want)
	}
	var asked []string
	for _, r := range a.requests() {
		if method, path, _ := strings.Cut(r, " "); strings.Contains(path, "/old/") {
			asked = append(asked, method)
		}
	}
	if want := []string{"GET", "POST", "POST"}; !slices.Equal(asked, want) {
		t.Errorf("asked by %v, want %v: that SPDY is needed is remembered", asked, want)
	}
	a.handle("/api/v1/namespaces/ns/pods/nobody/exec", func(w http.ResponseWriter, _ *http.Request) {
		status(w, http.StatusNotFound, metav1.StatusReasonNotFound, `pods "nobody" not found`, "")
	})
	a.handle("/api/v1/namespaces/ns/pods/dead/exec", func(w http.ResponseWriter, _ *http.Request) {
		status(w, http.StatusInternalServerError, metav1.StatusReasonInternalError, "error dialing backend: dial tcp 10.0.0.3:10250: i/o timeout", "")
	})
	c.spdyExec.Store(false)
	before := len(a.requests())
	_, err = run("dead")
	hold(t, err, schema.StatusTimeout, "error dialing backend")
	_, err = run("nobody")
	if n := len(a.requests()) - before; n != 2 {
		t.Errorf("%d requests where SPDY would fail too, want one each", n)
	}
	hold(t, err, schema.StatusNotFound, `pods "nobody" not found`)
}

func TestDial(t *testing.T) {
	for name, webSocket := range map[string]bool{"WebSocket": true, "SPDY": false} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			a.forward("p", webSocket)
			c := a.client(t)
			conn, err := c.Dial(context.Background(), "ns", "p", 80)
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
			if _, err := io.WriteString(conn, "world!"); err != nil {
				t.Error(err)
			}
			if got, err := io.ReadAll(conn); string(got) != "hello world!" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
			conn.Close()
			conn, err = c.Dial(context.Background(), "ns", "p", 81)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, err = io.ReadAll(conn)
			_, err2 := conn.Write([]byte("late"))
			hold(t, err2, schema.StatusFailed, "nothing listens on port 81 of the pod")
			hold(t, err, schema.StatusFailed, "nothing listens on port 81 of the pod")
		})
	}
}

func TestChanges(t *testing.T) {
	a := newAPI(t)
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"kind":"Pod","metadata":{"name":"p","namespace":"ns","annotations":{"type":%q,"body":%q}},"status":{"token":"a-new-token"}}`, r.Header.Get("Content-Type"), body)
	}
	for _, p := range []string{"PATCH /api/v1/namespaces/ns/pods/p", "PUT /api/v1/namespaces/ns/pods/p", "POST /api/v1/namespaces/ns/pods", "DELETE /api/v1/namespaces/ns/pods/p",
		"PATCH /api/v1/namespaces/ns/pods/p/ephemeralcontainers", "POST /api/v1/namespaces/ns/serviceaccounts/sa/token"} {
		a.handle(p, echo)
	}
	c, ctx := a.client(t), context.Background()
	o := collect.Object{"metadata": map[string]any{"name": "p", "namespace": "ns"}}
	got, err := c.Patch(ctx, pods, "ns", "p", []byte(`{"a":1}`))
	if notes := fmt.Sprint(got["metadata"]); err != nil || !strings.Contains(notes, `body:{"a":1} type:application/merge-patch+json`) {
		t.Errorf("%s, %v", notes, err)
	}
	_, err1 := c.Replace(ctx, pods, o)
	_, err2 := c.Create(ctx, pods, o)
	err = errors.Join(err1, err2, c.AddEphemeral(ctx, "ns", "p", collect.Object{"name": "x"}), c.Delete(ctx, pods, "ns", "p"), c.Delete(ctx, pods, "ns", "gone"))
	if err != nil {
		t.Error(err)
	}
	if err := c.Delete(ctx, pods, "ns", ""); err == nil {
		t.Error("all pods would have been deleted")
	}
	if got, err := c.Token(ctx, "ns", "sa", time.Minute); got != "a-new-token" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDescribeIsKubectls(t *testing.T) {
	a := newAPI(t)
	a.json("GET /api/v1/namespaces/ns/services/web", `{"kind":"Service","apiVersion":"v1","metadata":{"name":"web","namespace":"ns"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}`)
	a.json("GET /api/v1/namespaces/ns/events", `{"kind":"EventList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"e","namespace":"ns"},"type":"Warning","reason":"AllocationFailed","message":"no available IPs"}]}`)
	a.json("GET /apis/discovery.k8s.io/v1/namespaces/ns/endpointslices", `{"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1","metadata":{},"items":[]}`)
	a.json("GET /apis/metallb.io/v1beta1/namespaces/ns/ipaddresspools/p", `{"kind":"IPAddressPool","apiVersion":"metallb.io/v1beta1","metadata":{"name":"p","namespace":"ns"},"spec":{"addresses":["192.0.2.0/24"]}}`)
	c := a.client(t)
	text, err := c.Describe(context.Background(), services, "ns", "web")
	if err != nil || !strings.Contains(text, "AllocationFailed") || !strings.Contains(text, "LoadBalancer") {
		t.Errorf("%s, %v", text, err)
	}
	text, err = c.Describe(context.Background(), collect.Resource{Group: "metallb.io", Version: "v1beta1", Name: "ipaddresspools", Kind: "IPAddressPool", Namespaced: true}, "ns", "p")
	if err != nil || !strings.Contains(text, "192.0.2.0/24") {
		t.Errorf("%s, %v", text, err)
	}
	_, err = c.Describe(context.Background(), services, "ns", "gone")
	hold(t, err, schema.StatusNotFound)
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("KUBECONFIG", filepath.Join(dir, "none"))
	t.Setenv("HOME", dir)
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	_, err := Open(Options{})
	hold(t, err, schema.StatusFailed, "no kubeconfig", "--kubeconfig")
	_, err = Open(Options{Kubeconfig: filepath.Join(dir, "x")})
	hold(t, err, schema.StatusFailed, "no such file")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	config := filepath.Join(dir, "config")
	err = os.WriteFile(config, []byte(`{"kind":"Config","apiVersion":"v1","clusters":[{"name":"c","cluster":{"server":"https://`+address+`"}}],
		"users":[{"name":"u","user":{"token":"`+token+`"}}],"contexts":[{"name":"arn:aws:eks/x","context":{"cluster":"c","user":"u"}}]}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(Options{Kubeconfig: config})
	hold(t, err, schema.StatusFailed, "names no current context", "arn:aws:eks/x")
	_, err = Open(Options{Kubeconfig: config, Context: "lab"})
	hold(t, err, schema.StatusFailed, `has no context "lab"`, "arn:aws:eks/x")
	c, err := Open(Options{Kubeconfig: config, Context: "arn:aws:eks/x"})
	if err != nil {
		t.Fatal(err)
	}
	if c.BearerToken() != token {
		t.Errorf("token %q", c.BearerToken())
	}
	_, err = c.Identify(context.Background())
	hold(t, err, schema.StatusFailed, "connection refused", `context "arn:aws:eks/x"`)
}

// TestExecPluginsTokenIsKnownAfterARequest uses a plugin that prints its credentials.
func TestExecPluginsTokenIsKnownAfterARequest(t *testing.T) {
	a := newAPI(t)
	a.json("GET /version", `{"gitVersion":"v1.34.4"}`)
	secure := httptest.NewTLSServer(a.Config.Handler) // credentials are not sent to others
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer secure.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	credential := `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"` + token + `"}}`
	err := os.WriteFile(config, []byte(`
apiVersion: v1
kind: Config
current-context: x
clusters: [{name: c, cluster: {server: "`+secure.URL+`", insecure-skip-tls-verify: true}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
users:
- name: u
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: echo, args: ['`+credential+`']}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(Options{Kubeconfig: config})
	if err != nil {
		t.Fatal(err)
	}
	_, err = mustOpen(t, config, secure.URL).Identify(context.Background())
	hold(t, err, schema.StatusFailed, "signed by an authority")
	if _, err := c.Identify(context.Background()); err != nil {
		t.Fatal(err)
	}
	if c.BearerToken() != token {
		t.Errorf("token %q", c.BearerToken())
	}
}

// mustOpen opens a kubeconfig's server without what the kubeconfig says of its certificate.
func mustOpen(t *testing.T, config, server string) *Client {
	t.Helper()
	data, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	strict := config + ".strict"
	if err := os.WriteFile(strict, bytes.ReplaceAll(data, []byte(", insecure-skip-tls-verify: true"), nil), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Open(Options{Kubeconfig: strict, Server: server})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
