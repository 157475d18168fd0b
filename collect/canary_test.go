package collect

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/metallb-assay/assay/collect/clean"
	"github.com/metallb-assay/assay/schema"
)

// canaries are secrets by what they are: none of them may be in a bundle. Those with signs that escapes change are the hardest.
var canaries = map[string]string{
	"peer": `canary-peer-1`, "peer2": `c4nary "peer" <2> & \ more`, "frrk8s": `canary-frrk8s-3`, "raw": `canary-raw-4+/=%`, "running": `canary-running-5`,
	"legacy": `canary-legacy-6`, "arg": `canary-arg-7`, "env": `canary-env-8`, "bearer": `canary.Bearer.9abcdef`, "url": `canary:url/10`, "memberlist": `canary-memberlist-11`,
	"applied": `canary-applied-12`, "event": `canary-event-13`, "log": `canary-log-14`, "dump": `canary'dump"15`, "vty": `canary-vty-16`, "describe": `canary-describe-17`,
	"attached": `canary-attached-18`, "caller": `canary-caller-19-token`, "note": `canary-note-20`, "message": `canary-message-21`, "header": `canary-header-22`,
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func inner(s string) string { q := quoted(s); return q[1 : len(q)-1] }

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// canaryCluster has each canary at a place of its own, and most of them at others, written in other ways.
func canaryCluster() *fakeCluster {
	c := canaries
	f := newFakeCluster()
	f.token = c["caller"]
	for i, v := range []string{c["peer"], c["peer2"]} {
		spec := fmt.Sprintf(`{"myASN":64512,"peerASN":64513,"peerAddress":"192.0.2.%d","password":%s}`, i+1, quoted(v))
		applied := quoted(fmt.Sprintf(`{"apiVersion":"metallb.io/v1beta2","kind":"BGPPeer","spec":%s}`+"\n", spec))
		f.add("bgppeers.metallb.io", fmt.Sprintf(`{"metadata":{"name":"tor-%d","namespace":"metallb-system","annotations":{"kubectl.kubernetes.io/last-applied-configuration":%s}},"spec":%s}`, i, applied, spec))
	}
	f.add("frrconfigurations.frrk8s.metallb.io", fmt.Sprintf(`{"metadata":{"name":"a","namespace":"metallb-system"},"spec":{"bgp":{"routers":[{"asn":64512,"neighbors":[{"address":"192.0.2.1","password":%s}]}]},"raw":{"rawConfig":%s}}}`,
		quoted(c["frrk8s"]), quoted("router bgp 64512\n neighbor 192.0.2.9 password "+c["raw"]+"\n neighbor 192.0.2.9 port 1\n")))
	running := "router bgp 64512\n neighbor 192.0.2.1 remote-as 64513\n neighbor 192.0.2.1 password " + c["running"] + "\n neighbor 192.0.2.2 password " + c["peer2"] + "\nexit\n"
	f.add("frrnodestates.frrk8s.metallb.io", fmt.Sprintf(`{"metadata":{"name":"node-a"},"status":{"runningConfig":%s}}`, quoted(running)))
	legacy := "peers:\n- my-asn: 64512\n  peer-asn: 64513\n  peer-address: 192.0.2.1\n  password: " + c["legacy"] + "\n"
	f.add("configmaps", fmt.Sprintf(`{"metadata":{"name":"config","namespace":"metallb-system","annotations":{"kubectl.kubernetes.io/last-applied-configuration":%s}},"data":{"config":%s}}`,
		quoted(`{"data":{"config":`+quoted(legacy)+`},"kind":"ConfigMap"}`), quoted(legacy)))
	secret := `{"apiVersion":"v1","data":{"secretkey":"` + b64(c["memberlist"]) + `"},"kind":"Secret","metadata":{"name":"memberlist"}}`
	f.add("events", fmt.Sprintf(`{"metadata":{"name":"e1","namespace":"metallb-system"},"message":%s,"involvedObject":{"kind":"Pod"}}`, quoted("reload failed: neighbor 192.0.2.1 password "+c["event"])))
	containers := fmt.Sprintf(`[{"name":"speaker","args":["--port=7472","--token",%s,"--password=%s","--url=http://user:%s@proxy:3128"],"env":[{"name":"METALLB_ML_SECRET_KEY","value":%s},{"name":"METALLB_X_PASSWORD","value":%s},{"name":"OTHER","value":"x"}],"livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":"Bearer %s"}]}}}]`,
		quoted(c["arg"]), c["arg"], url.QueryEscape(c["url"]), quoted(c["env"]), quoted(c["env"]), c["bearer"])
	f.add("daemonsets.apps", fmt.Sprintf(`{"metadata":{"name":"speaker","namespace":"metallb-system","labels":{"app":"metallb"}},"spec":{"template":{"spec":{"containers":%s}}}}`, containers))
	f.add("pods", fmt.Sprintf(`{"metadata":{"name":"web-1","namespace":"shop","labels":{"app":"web"},"annotations":{"x":"password=%s"}},"spec":{"nodeName":"node-a","containers":[{"name":"web","env":[{"name":"A","value":%s}],"args":[%s],"livenessProbe":{"httpGet":{"httpHeaders":[{"name":"X","value":%s}]}}}]},"status":{"phase":"Running","containerStatuses":[{"name":"web","lastState":{"terminated":{"reason":"Error","exitCode":1,"message":%s}}}]}}`,
		c["env"], quoted(c["message"]), quoted(c["message"]), quoted(c["header"]), quoted("cannot log in with "+c["message"])))

	dump := `{"bgppeers":[{"kind":"BGPPeer","spec":{"password":` + quoted(c["dump"]) + `,"peerASN":64513}}],"passwordsecrets":{"memberlist":` + secret + `}}`
	dumpLine := `2026-11-24T14:44:14Z {"level":"debug","metallb CRs and Secrets":` + quoted(dump) + "}\n"
	applied := `2026-11-24T14:44:15Z {"level":"debug","metallb CRs":` + quoted(`{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":`+quoted(`{"spec":{"password":`+quoted(c["applied"])+`}}`)+`}}`) + "}\n"
	spew := `2026-11-24T14:44:16Z {"config":` + quoted(fmt.Sprintf("(main.Peer) {\n Password: (string) (len=9) %q,\n}", c["dump"])) + "}\n"
	for name := range f.logs {
		f.logs[name] += dumpLine + applied + spew + "2026-11-24T14:44:17Z +  neighbor 192.0.2.1 password " + c["log"] + "\n2026-11-24T14:44:18Z user:" + b64("x:"+c["running"]) + " " + hex.EncodeToString([]byte(c["frrk8s"])) + " " + url.QueryEscape(c["raw"]) + "\n" +
			"2026-11-24T14:44:19Z GET /metrics Authorization: Bearer " + c["bearer"] + " " + strconv.Quote(c["peer2"]) + "\n2026-11-24T14:44:20Z caller " + c["caller"] + "\n"
	}
	f.outputs["frr.conf"] = "password " + c["vty"] + "\nrouter bgp 64512\n neighbor 192.0.2.1 password " + c["peer"] + "\n"
	f.outputs["show-running-config.txt"] = "Current configuration:\n!\n" + running + "!\nend\n"
	f.outputs["show-bgp-neighbors.json"] = `{"192.0.2.1":{"password":` + quoted(c["peer"]) + `,"authenticated":1}}` + "\n"
	f.outputs["ip-addr.txt"] = "1: lo " + c["log"] + "\n"
	f.metrics += "x{token=\"" + c["arg"] + "\"} 1\n"
	f.describes = "Name:  web\nAnnotations:  x/password:\n  Password:  " + c["describe"] + "\n"
	return f
}

// written are all ways in which a secret could be in a bundle.
func waysToWrite(s string) map[string]string {
	ways := map[string]string{"plain": s, "JSON": inner(s), "JSON in JSON": inner(inner(s)), "Go": strings.Trim(strconv.Quote(s), `"`), "hex": hex.EncodeToString([]byte(s)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(s))), "query": url.QueryEscape(s), "path": url.PathEscape(s)}
	for shift := range 3 {
		for name, enc := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "URL base64": base64.RawURLEncoding} {
			text := enc.EncodeToString(append(make([]byte, shift), s...))
			ways[fmt.Sprint(name, shift)] = text[(8*shift+5)/6 : 8*(shift+len(s))/6]
		}
	}
	return ways
}

// TestCanaries: a cluster whose every secret is a known string, and a bundle in which none of them occurs.
func TestCanaries(t *testing.T) {
	dir := t.TempDir()
	attachment := filepath.Join(dir, "my.txt")
	if err := os.WriteFile(attachment, []byte("export TOKEN="+canaries["attached"]+"\nlog says "+canaries["peer"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(dir, "old.gz")
	if err := os.WriteFile(packed, []byte("\x1f\x8b\x08rest of an archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := canaryCluster()
	cleaner := clean.New()
	r, err := Collect(context.Background(), f, nil, cleaner, Options{Partial: filepath.Join(dir, "x.partial"), Attach: []Attachment{{Name: "my.txt", Path: attachment}, {Name: "old.gz", Path: packed}},
		Note: "it fails with password=" + canaries["note"] + " and " + canaries["peer"], Params: schema.Parameters{"token": canaries["caller"]}, Limits: Limits{Deadline: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Steps {
		if r.Steps[i].Name == "attached/my.txt" {
			r.Steps[i].Error = "the answer was: password=" + canaries["message"] + " " + canaries["running"]
		}
	}
	var out bytes.Buffer
	if _, err := r.Pack(&out, 0); err != nil {
		t.Fatal(err)
	}
	members := membersOf(t, out.Bytes())
	for _, want := range []string{"header.json", "trailer.json", "objects/metallb.io/bgppeers/metallb-system.yaml", "objects/frrk8s.metallb.io/frrconfigurations/metallb-system.yaml", "objects/core/secrets/metallb-system.yaml",
		"objects/core/configmaps/metallb-system.yaml", "objects/core/events/metallb-system.yaml", "objects/core/pods/shop.yaml", "objects/apps/daemonsets/metallb-system.yaml", "logs/metallb-system/speaker-node-a/speaker.log",
		"logs/metallb-system/frr-k8s-node-a/frr.previous.log", "frr/metallb-system/frr-k8s-node-a/frr.conf", "vtysh/metallb-system/frr-k8s-node-a/show-running-config.txt", "vtysh/metallb-system/frr-k8s-node-b/show-bgp-neighbors.json",
		"metrics/metallb-system/speaker-node-a/9120.prom", "describe/shop/service/web.txt", "nodes/node-a/ip-addr.txt", "attached/my.txt"} {
		if members[want] == nil {
			t.Errorf("the bundle has no %s", want)
		}
	}
	for name, secret := range canaries {
		for way, text := range waysToWrite(secret) {
			for path, data := range members {
				if at := bytes.Index(data, []byte(text)); at >= 0 {
					t.Errorf("%s has the secret %s (%s): %s", path, name, way, data[max(0, at-80):min(len(data), at+len(text)+20)])
				}
			}
		}
	}
	numbers := func(path, before string) string {
		_, after, _ := strings.Cut(string(members[path]), before)
		_, after, _ = strings.Cut(after, "#")
		number, _, _ := strings.Cut(after, ")")
		return number
	}
	if a, b := numbers("objects/metallb.io/bgppeers/metallb-system.yaml", "spec:\n  myASN: 64512\n  password:"), numbers("frr/metallb-system/frr-k8s-node-a/frr.conf", "neighbor 192.0.2.1 password"); a == "" || a != b {
		t.Errorf("the same password is #%s in the BGPPeer and #%s in frr.conf", a, b)
	}
	if trailer := string(members["trailer.json"]); !strings.Contains(trailer, "it is a compressed file, in which secrets cannot be found") {
		t.Error("the trailer does not tell that an archive was not cleaned")
	}
	if header, err := os.ReadFile(filepath.Join(dir, "x.partial", "header.json")); err != nil || bytes.Contains(header, []byte(canaries["note"])) || bytes.Contains(header, []byte(canaries["caller"])) {
		t.Errorf("the folder's header has a secret: %s %v", header, err)
	}
}

// membersOf are the members of a bundle, by their names.
func membersOf(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	members := map[string][]byte{}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return members
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		members[h.Name] = text
	}
}
