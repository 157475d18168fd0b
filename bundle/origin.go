package bundle

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// ClusterScope stands in a path for the namespace of objects that have none.
const ClusterScope = "_cluster"

// OriginOf says what a member of a bundle is by its path, whose layout is that of schema/bundle.md. What the user attached,
// and a path that the layout does not know, is of KindUnknown: its content has to say what it is.
func OriginOf(path string) schema.Origin {
	o := schema.Origin{Path: path, FirstLine: 1, Kind: schema.KindUnknown}
	folder, rest, _ := strings.Cut(path, "/")
	parts := strings.Split(rest, "/")
	switch {
	case path == schema.HeaderName:
		o.Kind = schema.KindHeader
	case path == schema.TrailerName:
		o.Kind = schema.KindTrailer
	case folder == "objects" && len(parts) == 3:
		ofObjects(&o, parts)
	case folder == "describe" && len(parts) == 3:
		o.Kind, o.Namespace = schema.KindDescribe, namespace(parts[0])
		o.Command = "kubectl describe " + parts[1] + " " + strings.TrimSuffix(parts[2], ".txt") + ofNamespace(o.Namespace)
	case folder == "logs" && len(parts) == 3:
		ofLog(&o, parts)
	case folder == "metrics" && len(parts) == 3:
		o.Kind, o.Namespace, o.Pod = schema.KindMetrics, parts[0], parts[1]
	case folder == "vtysh" && len(parts) == 3:
		ofVtysh(&o, parts)
	case folder == "frr" && len(parts) == 3:
		o.Kind, o.Namespace, o.Pod, o.Container = schema.KindFRRConf, parts[0], parts[1], "frr"
		if parts[2] == "daemons" {
			o.Kind = schema.KindDaemons
		}
	case folder == "nodes" && len(parts) == 2:
		o.Node = parts[0]
		ofNode(&o, strings.TrimSuffix(parts[1], ".txt"))
	case folder == "captures" && len(parts) == 1:
		if node, ok := strings.CutSuffix(parts[0], ".pcap"); ok {
			o.Kind, o.Node = schema.KindPcap, node
		} else if node, ok := strings.CutSuffix(parts[0], ".json"); ok {
			o.Kind, o.Node = schema.KindCaptureInfo, node
		}
	case folder == "probes" && len(parts) == 1:
		if node, ok := strings.CutSuffix(parts[0], ".json"); ok {
			o.Kind, o.Node = schema.KindProbe, node
		}
	}
	return o
}

func namespace(part string) string {
	if part == ClusterScope {
		return ""
	}
	return part
}

func ofNamespace(ns string) string {
	if ns == "" {
		return ""
	}
	return " -n " + ns
}

// ofObjects: GROUP/RESOURCE/NAMESPACE.yaml. The command is that which would list the same, so that an empty list says of what.
func ofObjects(o *schema.Origin, parts []string) {
	o.Kind = schema.KindObjects
	o.Namespace = namespace(strings.TrimSuffix(strings.TrimSuffix(parts[2], ".yaml"), ".json"))
	resource := parts[1]
	if parts[0] != "core" {
		resource += "." + parts[0]
	}
	o.Command = "kubectl get " + resource + ofNamespace(o.Namespace) + " -o yaml"
}

// ofLog: NAMESPACE/POD/CONTAINER.log or CONTAINER.previous.log.
func ofLog(o *schema.Origin, parts []string) {
	name := strings.TrimSuffix(parts[2], ".log")
	name, o.Previous = strings.CutSuffix(name, ".previous")
	o.Namespace, o.Pod, o.Container = parts[0], parts[1], name
	o.Wrap = schema.WrapTimestamps
	o.Kind = logKind(o.Pod, name)
}

// logKind goes by the names that MetalLB's and frr-k8s' manifests, charts and operators give their containers and pods.
func logKind(pod, container string) schema.Kind {
	switch container {
	case "frr":
		return schema.KindFRRLog
	case "reloader":
		return schema.KindReload
	case "controller", "speaker", "metallb-controller", "metallb-speaker", "frr-metrics", "frr-status":
		return schema.KindLog
	}
	if strings.HasPrefix(container, "kube-rbac-proxy") || strings.HasPrefix(container, "cp-") {
		return schema.KindOtherLog
	}
	for _, prefix := range []string{"frr-k8s", "metallb"} {
		if strings.HasPrefix(container, prefix) || strings.HasPrefix(pod, prefix) {
			return schema.KindLog
		}
	}
	return schema.KindOtherLog
}

// ofVtysh: NAMESPACE/POD/COMMAND.txt, or COMMAND.json for a command with json behind it.
func ofVtysh(o *schema.Origin, parts []string) {
	o.Kind, o.Namespace, o.Pod, o.Container = schema.KindVtysh, parts[0], parts[1], "frr"
	if name, ok := strings.CutSuffix(parts[2], ".json"); ok {
		o.Command = commandOf(name) + " json"
	} else {
		o.Command = commandOf(strings.TrimSuffix(parts[2], ".txt"))
	}
}

// CommandName is the file name of a command's output, without extension: blanks become -, and / becomes _.
func CommandName(command string) string {
	return strings.NewReplacer(" ", "-", "/", "_").Replace(strings.Join(strings.Fields(command), " "))
}

// hyphened are words of commands that have a - of their own.
var hyphened = strings.NewReplacer(
	"running config", "running-config", "startup config", "startup-config",
	"advertised routes", "advertised-routes", "received routes", "received-routes", "filtered routes", "filtered-routes",
	"route map", "route-map", "prefix list", "prefix-list", "access list", "access-list", "community list", "community-list",
	"large community", "large-community", "longer prefixes", "longer-prefixes", "peer group", "peer-group",
	"per nexthop", "per-nexthop",
)

// commandOf is the command that CommandName made a name of, as far as one can know.
func commandOf(name string) string {
	return hyphened.Replace(strings.NewReplacer("-", " ", "_", "/").Replace(name))
}

// ofNode: COMMAND.txt, recognised by the command's words.
func ofNode(o *schema.Origin, name string) {
	o.Command = strings.ReplaceAll(name, "-", " ")
	words := strings.Fields(o.Command)
	if len(words) == 0 {
		return
	}
	if words[0] == "ip" {
		for _, word := range words[1:] {
			if kind, ok := ipKinds[word]; ok {
				o.Kind = kind
				return
			}
		}
	}
	if kind, ok := nodeKinds[words[0]]; ok {
		o.Kind = kind
	} else {
		o.Kind = schema.KindShell
	}
	switch words[0] {
	case "iptables", "ip6tables":
		o.Command = strings.Replace(o.Command, words[0]+" save", words[0]+"-save", 1)
	case "sockets":
		o.Command = "ss"
	case "ipvs":
		o.Command = "ipvsadm"
	}
}

// ipKinds go by the object of an ip command, wherever flags put it.
var ipKinds = map[string]schema.Kind{
	"addr": schema.KindIPAddr, "address": schema.KindIPAddr, "a": schema.KindIPAddr,
	"link": schema.KindIPLink, "route": schema.KindIPRoute, "rule": schema.KindIPRule,
	"neigh": schema.KindIPNeigh, "neighbor": schema.KindIPNeigh, "neighbour": schema.KindIPNeigh,
}

// nodeKinds go by a command's first word.
var nodeKinds = map[string]schema.Kind{
	"ifconfig": schema.KindIPAddr, "bridge": schema.KindIPLink, "arp": schema.KindIPNeigh, "sysctl": schema.KindSysctl,
	"iptables": schema.KindIptables, "ip6tables": schema.KindIptables, "nft": schema.KindNft,
	"ipvs": schema.KindIPVS, "ipvsadm": schema.KindIPVS, "sockets": schema.KindSockets, "ss": schema.KindSockets, "netstat": schema.KindSockets,
	"conntrack": schema.KindConntrack, "tcpdump": schema.KindTcpdump, "arping": schema.KindArping, "ping": schema.KindPing,
	"curl": schema.KindCurl, "wget": schema.KindCurl, "nc": schema.KindCurl, "traceroute": schema.KindTraceroute,
	"dmesg": schema.KindOtherLog, "journal": schema.KindOtherLog, "journalctl": schema.KindOtherLog, "kubelet": schema.KindOtherLog,
}
