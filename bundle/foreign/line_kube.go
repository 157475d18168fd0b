package foreign

import "strings"

// isHeader takes the header of a `kubectl get` table: at least two columns in capitals that are parted by two blanks or more,
// the first of them one that tables begin with. A screen's frame may stand around it.
func isHeader(t string) bool {
	t = unframe(t)
	if len(t) < 8 || t[0] < 'A' || t[0] > 'Z' {
		return false
	}
	cols := columns(t)
	if len(cols) < 2 {
		if words := strings.Fields(t); len(words) > 2 && headerColumns[words[0]] && headerColumns[words[1]] && headerColumns[words[2]] && isCapitals(t) {
			return true // a chat or a form took the blanks
		}
		return len(cols) == 1 && (cols[0] == "NAME" || cols[0] == "NAMESPACE")
	}
	known := headerColumns[strings.TrimRight(cols[0], "↑↓")]
	for _, c := range cols {
		if !isCapitals(c) {
			return false
		}
		known = known || headerColumns[c]
	}
	return known
}

// columns parts a line at runs of two blanks or more, and at tabs.
func columns(t string) []string {
	var out []string
	for len(t) > 0 {
		end := strings.Index(t, "  ")
		if tab := strings.IndexByte(t, '\t'); tab >= 0 && (end < 0 || tab < end) {
			end = tab
		}
		if end < 0 {
			return append(out, t)
		}
		if end > 0 {
			out = append(out, t[:end])
		}
		t = strings.TrimLeft(t[end:], " \t")
		if len(out) > 64 {
			break
		}
	}
	return out
}

func isCapitals(s string) bool {
	letters := 0
	for _, c := range s {
		switch {
		case c >= 'A' && c <= 'Z':
			letters++
		case c >= 'a' && c <= 'z':
			return false
		}
	}
	return letters > 0
}

// headerColumns are column names of which a table of kubectl has at least one.
var headerColumns = wordSet(`NAME NAMESPACE READY STATUS RESTARTS AGE TYPE CLUSTER-IP EXTERNAL-IP PORT(S) PORTS SELECTOR NODE REASON OBJECT MESSAGE
	DESIRED CURRENT AVAILABLE ENDPOINTS ADDRESSTYPE ROLES VERSION INTERNAL-IP IPADDRESSPOOLS ADDRESSES ASSIGNED DATA CLASS HOSTS KIND LABELS EXTERNAL IMAGE
	IMAGES PROVISIONER REVISION CREATED ALLOCATED PEER BGP PROFILE`)

// unframe takes the frame of a text screen off.
func unframe(t string) string {
	if strings.HasPrefix(t, "│") || strings.HasPrefix(t, "┃") {
		t = strings.Trim(t, "│┃ ")
	}
	return t
}

// isServiceRow takes a row of Services without header, as grep leaves it.
func isServiceRow(t string) bool {
	f := strings.Fields(unframe(t))
	for i, w := range f {
		if i > 0 && i < 3 && len(f) >= i+4 && (w == "LoadBalancer" || w == "ClusterIP" || w == "NodePort" || w == "ExternalName") {
			return isIP(f[i+1]) || f[i+1] == "<none>" || f[i+1] == "None"
		}
	}
	return false
}

// isPodRow takes a row of Pods without header.
func isPodRow(t string) bool {
	f := strings.Fields(t)
	for i, w := range f {
		if i == 0 || i > 2 || len(f) < i+4 {
			continue
		}
		a, b, ok := strings.Cut(w, "/")
		if ok && isNumber(a) && isNumber(b) && isLetter(f[i+1][0]) && (isNumber(f[i+2])) {
			return true
		}
	}
	return false
}

func isNoResources(t string) bool { return strings.HasPrefix(t, "No resources found") }

// describeKey is the key of a line of `kubectl describe` ("Name:", "LoadBalancer Ingress:"); "" when the line is none.
func describeKey(t string) string {
	i := strings.IndexByte(t, ':')
	if i <= 0 || i > 48 {
		return ""
	}
	if i+1 < len(t) && t[i+1] != ' ' && t[i+1] != '\t' {
		return ""
	}
	if describeKeys[t[:i]] {
		return t[:i]
	}
	return ""
}

var describeKeys = func() map[string]bool {
	set := map[string]bool{}
	for _, k := range []string{"Name", "Namespace", "Labels", "Annotations", "API Version", "Kind", "Metadata", "Selector", "Type", "IP Family Policy", "IP Families", "IP", "IPs",
		"LoadBalancer Ingress", "Desired LoadBalancer IP", "Port", "TargetPort", "NodePort", "Endpoints", "Session Affinity", "External Traffic Policy",
		"Internal Traffic Policy", "HealthCheck NodePort", "LoadBalancer Source Ranges", "Events", "Spec", "Status", "Priority", "Service Account", "Node", "Start Time", "Controlled By", "Containers",
		"Conditions", "Volumes", "QoS Class", "Node-Selectors", "Tolerations", "Roles", "CreationTimestamp", "Taints", "Unschedulable", "Lease", "Addresses",
		"Capacity", "Allocatable", "System Info", "PodCIDR", "PodCIDRs", "Non-terminated Pods", "Allocated resources", "Replicas", "StrategyType", "Pod Template",
		"Desired Number of Nodes Scheduled", "Current Number of Nodes Scheduled", "Number of Nodes Scheduled with Up-to-date Pods",
		"Number of Nodes Scheduled with Available Pods", "Number of Nodes Misscheduled", "Pods Status", "Subsets", "Data", "Init Containers", "External IPs", "Topology", "AddressType", "Ports"} {
		set[k] = true
	}
	return set
}()

// isMetric takes a line of the Prometheus text format.
func isMetric(t string) bool {
	if strings.HasPrefix(t, "# HELP ") || strings.HasPrefix(t, "# TYPE ") || t == "# EOF" {
		return true
	}
	n := 0
	for n < len(t) && (isLetter(t[n]) || isDigit(t[n]) || t[n] == '_' || t[n] == ':') {
		n++
	}
	if n < 3 || n == len(t) || !strings.Contains(t[:n], "_") {
		return false
	}
	rest := t[n:]
	if rest[0] == '{' {
		i := strings.LastIndexByte(rest, '}')
		if i < 0 || !strings.Contains(rest[:i+1], `="`) && i != 1 {
			return false
		}
		rest = rest[i+1:]
	}
	f := strings.Fields(rest)
	return len(f) > 0 && len(f) < 3 && rest[0] == ' ' && isFloat(f[0])
}

func isFloat(s string) bool {
	switch s {
	case "NaN", "+Inf", "-Inf":
		return true
	}
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E':
		default:
			return false
		}
	}
	return digits > 0
}

// isShellText takes what commands print that is evidence of no format: errors of kubectl, versions, lines of images.
func isShellText(t string) bool {
	for _, p := range []string{"Error from server", "error: ", "Unable to connect to the server", "The connection to the server", "Error: ", "Client Version: ", "Server Version: ",
		"Kustomize Version: ", "collecting crds", "collecting logs for ", "FRR mode detected", "Calico process is running", "image: ", "- image: ", "helm: ", "bash: ", "-bash: ", "sh: ",
		"Warning: ", "WARNING: version difference", "error when creating", "Error response from", "sysctl: ", "RTNETLINK answers", "iptables: ", "dig: ", ";; "} {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	switch t {
	case "Authentication failed", "Unauthorized", "404 page not found", "Authorization denied":
		return true // what an endpoint of metrics says to whom it does not know
	}
	return isKubectlNoise(t) || strings.HasSuffix(t, ": command not found") || strings.HasPrefix(t, "+--") && strings.HasSuffix(t, "-+")
}
