package kube

import "strings"

// usualTitles are the titles under which rows are read, by the field that a custom column shows.
var usualTitles = map[string]string{
	"metadata.name": "NAME", "metadata.namespace": "NAMESPACE",
	"status.podIP": "IP", "status.podIPs.ip": "IP", "spec.nodeName": "NODE", "status.phase": "STATUS", "spec.containers.ports.containerPort": "CONTAINER PORTS",
	"spec.type": "TYPE", "spec.clusterIP": "CLUSTER-IP", "status.loadBalancer.ingress.ip": "EXTERNAL-IP", "spec.externalTrafficPolicy": "TRAFFIC POLICY",
}

// customColumns reads "-o custom-columns=TITLE:FIELD,TITLE:FIELD"; nil where there is none.
func customColumns(command string) map[string]string {
	_, spec, ok := strings.Cut(command, "custom-columns=")
	if !ok {
		return nil
	}
	spec = strings.TrimLeft(spec, `"'`)
	if end := strings.IndexAny(spec, ` "'`); end >= 0 {
		spec = spec[:end]
	}
	titles := map[string]string{}
	for _, column := range strings.Split(spec, ",") {
		title, field, ok := strings.Cut(column, ":")
		if !ok {
			continue
		}
		field = strings.NewReplacer("[*]", "", "[0]", "", "{", "", "}", "").Replace(field)
		if usual := usualTitles[strings.TrimPrefix(field, ".")]; usual != "" {
			titles[title] = usual
		}
	}
	return titles
}
