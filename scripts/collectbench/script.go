package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// latency is what is added each way between client and API server in the second round.
const latency = 25 * time.Millisecond

// againstScript compares a collection with the calls of MetalLB's own script on the same cluster, pair by pair: without delay, and
// through a proxy that delays each way.
func againstScript(assay, kubectl, kubeconfig string, pairs int, dir string) error {
	for _, delay := range []time.Duration{0, latency} {
		config, stop, err := behind(kubeconfig, kubectl, dir, delay)
		if err != nil {
			return err
		}
		var own, script, extended []float64
		for i := range pairs {
			out := filepath.Join(dir, fmt.Sprintf("real-%d-%s.tgz", i, delay))
			r, err := measured(exec.Command(assay, "collect", "--kubeconfig", config, "--no-analyze", "-q", "--to", out), dir)
			if err != nil {
				return err
			}
			own = append(own, r.took.Seconds())
			os.Remove(out)
			took, calls, err := scriptCalls(kubectl, config, false)
			if err != nil {
				return err
			}
			script = append(script, took)
			took, more, err := scriptCalls(kubectl, config, true)
			if err != nil {
				return err
			}
			extended = append(extended, took)
			if i == 0 {
				fmt.Printf("delay %s each way: collect ends with %d; the script makes %d calls, extended to the pods where FRR runs %d\n", delay, r.exit, calls, more)
			}
		}
		stop()
		a, b, c := median(own), median(script), median(extended)
		fmt.Printf("delay %s each way: collect %.2f s, the script's calls %.2f s (ratio %.2f), extended %.2f s (ratio %.2f)\n", delay, a, b, a/b, c, a/c)
	}
	return nil
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// scriptCalls makes the calls of collect.sh (v0.16), one after the other as it does: the resources, and for each speaker its log and,
// where FRR runs in it, files, five commands of vtysh and three more logs. extended does the latter also for the pods of frr-k8s.
func scriptCalls(kubectl, kubeconfig string, extended bool) (seconds float64, calls int, err error) {
	start := time.Now()
	call := func(args ...string) string {
		calls++
		var out bytes.Buffer
		c := exec.Command(kubectl, append([]string{"--kubeconfig", kubeconfig, "-n", "metallb-system"}, args...)...)
		c.Stdout = &out
		_ = c.Run() // a resource that is not served, a container that is not there: the script goes on, too
		return out.String()
	}
	for _, r := range strings.Fields("bgppeers bfdprofiles bgpadvertisements ipaddresspools l2advertisements communities servicel2statuses servicebgpstatuses frrconfigurations frrnodestates") {
		call("get", r, "-o", "yaml")
	}
	pods := strings.Fields(call("get", "pods", "-l", "component=speaker", "-o", "jsonpath={.items[*].metadata.name}"))
	if len(pods) == 0 {
		return 0, calls, fmt.Errorf("no pod has the label component=speaker")
	}
	frr := func(pod string) {
		for _, f := range []string{"frr.conf", "daemons", "vtysh.conf"} {
			call("exec", pod, "-c", "frr", "--", "cat", "/etc/frr/"+f)
		}
		for _, c := range []string{"show running-config", "show bgp ipv4", "show bgp ipv6", "show bgp neighbor", "show bfd peer"} {
			call("exec", pod, "-c", "frr", "--", "vtysh", "-c", c)
		}
		for _, c := range []string{"reloader", "frr", "frr-metrics"} {
			call("logs", pod, "-c", c)
		}
	}
	containers := call("get", "pod", pods[0], "-o", "jsonpath={.spec.containers[*].name}")
	for _, pod := range pods {
		call("logs", pod, "-c", "speaker")
		if strings.Contains(containers, "frr") {
			frr(pod)
		}
	}
	if extended && !strings.Contains(containers, "frr") {
		for _, pod := range strings.Fields(call("get", "pods", "-l", "app=frr-k8s", "-o", "jsonpath={.items[*].metadata.name}")) {
			if strings.Contains(call("get", "pod", pod, "-o", "jsonpath={.spec.containers[*].name}"), "frr-metrics") {
				frr(pod)
			}
		}
	}
	for _, pod := range strings.Fields(call("get", "pods", "-l", "component=controller", "-o", "jsonpath={.items[*].metadata.name}")) {
		call("logs", pod, "-c", "controller")
	}
	return time.Since(start).Seconds(), calls, nil
}

// behind makes a kubeconfig whose server is a proxy in front of the cluster's that delays what goes through it, both ways.
func behind(kubeconfig, kubectl, dir string, delay time.Duration) (path string, stop func(), err error) {
	raw, err := exec.Command(kubectl, "--kubeconfig", kubeconfig, "config", "view", "--raw", "--minify", "--flatten").Output()
	if err != nil {
		return "", nil, fmt.Errorf("reading %s: %w", kubeconfig, err)
	}
	server, err := exec.Command(kubectl, "--kubeconfig", kubeconfig, "config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}").Output()
	if err != nil {
		return "", nil, err
	}
	u, err := url.Parse(string(server))
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go proxy(ctx, l, u.Host, delay)
	path = filepath.Join(dir, "delayed-"+delay.String())
	text := strings.Replace(string(raw), string(server), "https://"+l.Addr().String()+"\n    tls-server-name: "+u.Hostname(), 1)
	return path, func() { cancel(); l.Close() }, os.WriteFile(path, []byte(text), 0o600)
}

func proxy(ctx context.Context, l net.Listener, to string, delay time.Duration) {
	for ctx.Err() == nil {
		in, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer in.Close()
			out, err := net.Dial("tcp", to)
			if err != nil {
				return
			}
			defer out.Close()
			go func() { late(out, in, delay); out.(*net.TCPConn).CloseWrite() }()
			late(in, out, delay)
		}()
	}
}

// late copies with a delay: what comes is kept until its time, so that a delay does not narrow the stream.
func late(to io.Writer, from io.Reader, delay time.Duration) {
	type piece struct {
		data []byte
		at   time.Time
	}
	pieces := make(chan piece, 4096)
	go func() {
		defer close(pieces)
		for {
			b := make([]byte, 32<<10)
			n, err := from.Read(b)
			if n > 0 {
				pieces <- piece{b[:n], time.Now().Add(delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.data); err != nil {
			return
		}
	}
}
