package collect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Shapes take off what is not needed or not ours to take, before an object is cleaned and written.

// shapeNode drops the images of a node: long, and nothing that MetalLB goes by.
func shapeNode(o Object) { drop(o, "status", "images") }

// shapeOwnPod keeps MetalLB's own pods whole but for values in the environment that MetalLB does not define.
func shapeOwnPod(o Object) { ownEnvironment(at(o, "spec")) }

func shapeOwnWorkload(o Object) { ownEnvironment(at(o, "spec", "template", "spec")) }

// ownEnvironment keeps values of variables that MetalLB and FRR define; of others only the name.
func ownEnvironment(spec any) {
	for _, part := range []string{"containers", "initContainers", "ephemeralContainers"} {
		for _, c := range list(spec, part) {
			for _, e := range list(c, "env") {
				name := text(e, "name")
				if m, ok := e.(map[string]any); ok && !ownVariable(name) && m["value"] != nil {
					m["value"] = "(left out)"
				}
			}
		}
	}
}

func ownVariable(name string) bool {
	if secretName(name) && !strings.HasSuffix(name, "_PATH") && !strings.HasSuffix(name, "_NAME") && !strings.HasSuffix(name, "_FILE") {
		return false
	}
	for _, prefix := range []string{"METALLB_", "FRR", "NODE_NAME", "NAMESPACE", "POD_NAME", "TINI_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// shapeUserPod keeps of a pod behind a Service what says whether it can be an endpoint, and where it runs.
func shapeUserPod(o Object) {
	drop(o, "metadata", "annotations")
	spec := at(o, "spec")
	only(spec, "nodeName", "hostNetwork", "containers", "readinessGates", "nodeSelector", "tolerations", "affinity", "restartPolicy", "terminationGracePeriodSeconds")
	for _, c := range list(spec, "containers") {
		only(c, "name", "image", "ports", "readinessProbe", "livenessProbe", "startupProbe")
		for _, p := range []string{"readinessProbe", "livenessProbe", "startupProbe"} {
			drop(c, p, "exec", "command")
			drop(c, p, "httpGet", "httpHeaders")
		}
	}
	// what a user's program said when it ended can be the end of its log
	for _, part := range []string{"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"} {
		for _, s := range list(o, "status", part) {
			drop(s, "state", "terminated", "message")
			drop(s, "lastState", "terminated", "message")
		}
	}
}

// shapeForeignWorkload keeps of workloads that are not MetalLB's which programs they run, and with which flags where that is a
// program of the network.
func shapeForeignWorkload(o Object) {
	drop(o, "metadata", "annotations")
	spec := at(o, "spec", "template", "spec")
	drop(o, "spec", "template", "metadata", "annotations")
	only(spec, "containers", "hostNetwork", "nodeSelector", "tolerations", "serviceAccountName")
	network := networkProgram(nameOf(o))
	for _, c := range list(spec, "containers") {
		keep := []string{"name", "image", "ports"}
		if network {
			keep = append(keep, "args", "command", "env")
		}
		only(c, keep...)
		for _, e := range list(c, "env") {
			if m, ok := e.(map[string]any); ok && m["value"] != nil && secretName(text(e, "name")) {
				m["value"] = "(left out)"
			}
		}
	}
}

func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"secret", "token", "password", "passwd", "key", "credential", "auth"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// networkProgram says whether a workload's name is that of a program that moves packets or owns addresses.
func networkProgram(name string) bool {
	for _, word := range []string{"kube-proxy", "kube-vip", "calico", "cilium", "flannel", "weave", "antrea", "ovn", "canal", "kindnet", "kube-router", "svclb", "cloud-controller", "purelb", "loxilb", "multus"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// networkConfigMap keeps the ConfigMaps of kube-system that configure such a program.
func networkConfigMap(o Object) bool {
	return networkProgram(strings.ReplaceAll(nameOf(o), "kubevip", "kube-vip"))
}

// shapeForeignConfigMap drops kubeconfigs, which may name credentials.
func shapeForeignConfigMap(o Object) {
	drop(o, "metadata", "annotations")
	if data, ok := at(o, "data").(map[string]any); ok {
		for k := range data {
			if strings.Contains(k, "kubeconfig") {
				data[k] = "(left out)"
			}
		}
	}
	drop(o, "binaryData")
}

// ownConfigMap keeps the ConfigMaps that MetalLB and frr-k8s read or write.
func ownConfigMap(o Object) bool {
	name := nameOf(o)
	return name == "config" || strings.Contains(name, "metallb") || strings.Contains(name, "frr") || strings.Contains(name, "excludel2")
}

// ownWebhook keeps webhook configurations that ask MetalLB or frr-k8s.
func ownWebhook(o Object, namespaces []string) bool {
	if strings.Contains(nameOf(o), "metallb") || strings.Contains(nameOf(o), "frr-k8s") {
		return true
	}
	for _, w := range list(o, "webhooks") {
		if slices.Contains(namespaces, text(w, "clientConfig", "service", "namespace")) && strings.Contains(text(w, "name"), "metallb") {
			return true
		}
	}
	return false
}

// shapeWebhook puts the place of a certificate's bytes what tells two of them apart.
func shapeWebhook(o Object) {
	for _, w := range list(o, "webhooks") {
		shortenBundle(at(w, "clientConfig"))
	}
}

// shapeDefinition drops schemas, which are the same for each release, and shortens the certificate of the conversion webhook.
func shapeDefinition(o Object) {
	for _, v := range list(o, "spec", "versions") {
		drop(v, "schema")
		drop(v, "additionalPrinterColumns")
	}
	drop(o, "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
	shortenBundle(at(o, "spec", "conversion", "webhook", "clientConfig"))
}

func shortenBundle(config any) {
	m, ok := config.(map[string]any)
	if !ok {
		return
	}
	if b, ok := m["caBundle"].(string); ok && b != "" {
		sum := sha256.Sum256([]byte(b))
		m["caBundle"] = fmt.Sprintf("(%d bytes, SHA-256 of them %s)", len(b), hex.EncodeToString(sum[:8]))
	}
}

// bindsAccountIn says whether a binding gives rights to a ServiceAccount of one of the namespaces.
func bindsAccountIn(o Object, namespaces []string) bool {
	for _, s := range list(o, "subjects") {
		if text(s, "kind") == "ServiceAccount" && slices.Contains(namespaces, text(s, "namespace")) &&
			(strings.Contains(text(o, "roleRef", "name")+nameOf(o), "metallb") || strings.Contains(text(o, "roleRef", "name")+nameOf(o), "frr-k8s")) {
			return true
		}
	}
	return false
}

func ownClusterRole(o Object) bool {
	return strings.Contains(nameOf(o), "metallb") || strings.Contains(nameOf(o), "frr-k8s")
}

// learnStatus notes the node of a ServiceL2Status or ServiceBGPStatus.
func learnStatus(inv *Inventory, o Object) {
	kind := text(o, "kind")
	if kind != "ServiceL2Status" && kind != "ServiceBGPStatus" {
		return
	}
	inv.learnAnnouncer(text(o, "status", "serviceNamespace")+"/"+text(o, "status", "serviceName"), text(o, "status", "node"))
}

// learnEvent notes the node that an event of a Service names as its announcer.
func learnEvent(inv *Inventory, o Object) {
	if text(o, "reason") != "nodeAssigned" {
		return
	}
	_, after, ok := strings.Cut(text(o, "message"), `from node "`)
	if node, _, end := strings.Cut(after, `"`); ok && end {
		inv.learnAnnouncer(text(o, "involvedObject", "namespace")+"/"+text(o, "involvedObject", "name"), node)
	}
}
