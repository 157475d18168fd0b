// Package e2e runs the collector, as its users do, against the lab (scripts/lab), and compares what the bundles hold with what kubectl
// says. `make e2e` runs it; it changes the lab's objects, and leaves them as they were. Only the build tag e2e has the scenarios.
package e2e
