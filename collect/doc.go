// Package collect gathers, from a live cluster, what is needed to explain why a Service of type LoadBalancer is not reachable. It
// asks the cluster through interfaces that it owns. It is empty until the collector's own issue.
package collect
