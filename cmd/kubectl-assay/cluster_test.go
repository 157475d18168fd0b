package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// token is the caller's; no output and no bundle may have it.
const token = "canary-token-0123456789"

// cluster is an API server with MetalLB's pods in it and nothing else; a path that hangs does so until the client goes.
func cluster(t *testing.T, forbidden, hangs string) (kubeconfig string) {
	t.Helper()
	resource := func(name, kind, scope string) string {
		return fmt.Sprintf(`{"resource":%q,"scope":%q,"verbs":["get","list"],"responseKind":{"group":"","version":"","kind":%q}}`, name, scope, kind)
	}
	discovered := map[string]string{
		"/api": `{"metadata":{},"versions":[{"version":"v1","freshness":"Current","resources":[` + resource("pods", "Pod", "Namespaced") + "," + resource("services", "Service", "Namespaced") + "," +
			resource("nodes", "Node", "Cluster") + "," + resource("events", "Event", "Namespaced") + `]}]}`,
		"/apis": `{"metadata":{"name":"metallb.io"},"versions":[{"version":"v1beta1","freshness":"Current","resources":[` + resource("ipaddresspools", "IPAddressPool", "Namespaced") + `]}]},` +
			`{"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[` + resource("daemonsets", "DaemonSet", "Namespaced") + `]}]}`,
	}
	lists := map[string]string{
		"daemonsets": `{"metadata":{"name":"speaker","namespace":"metallb-system","labels":{"app":"metallb","component":"speaker"}},"spec":{"selector":{"matchLabels":{"component":"speaker"}},"template":{"metadata":{"labels":{"app":"metallb","component":"speaker"}},"spec":{"containers":[{"name":"speaker","image":"quay.io/metallb/speaker:v0.16.1"}]}}}}`,
		"pods":       `{"metadata":{"name":"speaker-x","namespace":"metallb-system","labels":{"app":"metallb","component":"speaker"}},"spec":{"nodeName":"node-a","containers":[{"name":"speaker","image":"quay.io/metallb/speaker:v0.16.1"}]},"status":{"phase":"Running","containerStatuses":[{"name":"speaker","ready":true,"state":{"running":{}}}]}}`,
	}
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		w.Header().Set("Content-Type", "application/json")
		switch {
		case hangs != "" && last == hangs:
			<-r.Context().Done()
		case discovered[r.URL.Path] != "":
			w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
			io.WriteString(w, `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[`+discovered[r.URL.Path]+`]}`)
		case r.URL.Path == "/version":
			io.WriteString(w, `{"gitVersion":"v1.34.4"}`)
		case last == "selfsubjectaccessreviews":
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, `{"status":{"allowed":%t}}`, forbidden == "" || !bytes.Contains(body, []byte(`"resource":"`+forbidden+`"`)))
		case last == "log":
			io.WriteString(w, "2026-01-02T03:04:05Z "+token+"\n")
		default:
			fmt.Fprintf(w, `{"kind":"List","apiVersion":"v1","metadata":{},"items":[%s]}`, lists[last])
		}
	}))
	t.Cleanup(srv.Close)
	srv.Config.ErrorLog = nil
	kubeconfig = filepath.Join(t.TempDir(), "config")
	err := os.WriteFile(kubeconfig, []byte(`
apiVersion: v1
kind: Config
current-context: arn:aws:eks:eu-west-1:123:cluster/prod
clusters: [{name: c, cluster: {server: "`+srv.URL+`", insecure-skip-tls-verify: true}}]
contexts: [{name: "arn:aws:eks:eu-west-1:123:cluster/prod", context: {cluster: c, user: u}}]
users: [{name: u, user: {token: `+token+`}}]
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// call is what came of a run.
type call struct {
	code     int
	out, err string
}

func run(args ...string) call {
	var out, errs bytes.Buffer
	code, err := plugin.Run(append([]string{binary}, args...), strings.NewReader(""), &out, &errs)
	if err != nil {
		errs.WriteString(plugin.Message(err) + "\n")
	}
	return call{code, out.String(), errs.String()}
}

// hold checks the exit code and that stdout or stderr has each of the words.
func (c call) hold(t *testing.T, code int, words ...string) {
	t.Helper()
	good := c.code == code
	if !good {
		t.Errorf("exit code %d, wanted %d", c.code, code)
	}
	for _, w := range words {
		if !strings.Contains(c.out+c.err, w) {
			good = false
			t.Errorf("%q is missing", w)
		}
	}
	if strings.Contains(c.out+c.err, token) {
		t.Error("credentials are told")
	}
	if !good {
		t.Logf("stdout:\n%.4000s\nstderr:\n%.4000s", c.out, c.err)
	}
}
