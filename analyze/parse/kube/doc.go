// Package kube reads Kubernetes objects in all forms in which people attach them: YAML and JSON, tables of `kubectl get`,
// `kubectl describe`, the text of MetalLB's old ConfigMap, Helm values.
//
// Texts of many objects are cut into objects first (split.go) and each is read by itself, so that memory does not grow with
// the text. A tree of nodes that know their lines (node.go) comes from one of three readers: JSON (json.go), the YAML that
// kubectl writes (block.go), and any other YAML by go.yaml.in/yaml/v3 (yaml.go). The converters (convert.go and the files
// named after what they convert) make typed objects of it.
//
// Secrets are never kept: neither values of Secret objects nor passwords of peers, and no quote shows one.
package kube
