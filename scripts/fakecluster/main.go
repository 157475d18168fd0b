// Command fakecluster serves as much of the Kubernetes API over HTTP as a collection asks for, for a cluster of any size that is
// generated on the fly: nodes with a speaker each, whose logs have some MiB, and Services. Some nodes may hang or answer errors.
// It prints a kubeconfig's path when it is ready, and ends when its standard input does.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

func main() {
	c := &cluster{}
	flag.IntVar(&c.nodes, "nodes", 1000, "nodes, each with a speaker and a pod of frr-k8s' names")
	flag.IntVar(&c.services, "services", 10000, "Services of type LoadBalancer")
	flag.Float64Var(&c.logMiB, "log", 5, "MiB of each speaker's log")
	flag.IntVar(&c.hang, "hang", 0, "percent of the nodes whose kubelets never answer")
	flag.IntVar(&c.fail, "fail", 0, "percent of the nodes whose kubelets answer errors")
	dir := flag.String("dir", os.TempDir(), "where the kubeconfig goes")
	flag.Parse()
	if err := serve(c, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "fakecluster: "+err.Error())
		os.Exit(1)
	}
}

func serve(c *cluster, dir string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "fakecluster.kubeconfig")
	config := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: fake:6443/admin
clusters: [{name: fake, cluster: {server: "http://%s"}}]
users: [{name: admin, user: {token: fake}}]
contexts: [{name: "fake:6443/admin", context: {cluster: fake, user: admin}}]
`, l.Addr())
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return err
	}
	s := &http.Server{Handler: c.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }()
	fmt.Println(path)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Close()
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(value)
}

// refuse writes an error as the API server does.
func refuse(w http.ResponseWriter, code int, reason, message string) {
	answer(w, code, object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": code})
}
