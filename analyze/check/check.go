// Package check is the catalogue of what assay can find: one file a check, each a value with its contract, its text and its
// function from a view of the model to findings.
package check

import (
	"github.com/metallb-assay/assay/schema"
)

// Check looks for one cause. Code, Phase and Meaning come from the catalogue of causes (causes.tsv).
type Check struct {
	Cause string // name in causes.tsv
	Title string // a few words, lower case: what is wrong, without names
	Doc   string // how it is recognised, what it does to a Service, what to do; `assay explain` prints it
	// Explains names causes whose findings, for the same Services, are consequences of this one and are folded under it.
	Explains []string
	Run      func(v *View, report func(Finding))
}

// Finding is what a check reports: one cause for some Services, or for the cluster.
type Finding struct {
	Severity   schema.Severity   // "" is error
	Confidence schema.Confidence // "" is proven
	State      schema.State      // failed or degraded, of the phase of each Service; "" is failed. Warnings and infos leave the phase ok
	Services   []string          // keys; none: the cluster's
	// Clause finishes the sentence "NAMESPACE/NAME: ..." that opens the report: what fails, because of which object.
	Clause   string
	Should   string
	Is       string
	Remedy   string
	Objects  []schema.Object
	Evidence []schema.Evidence // never empty; the strongest first
	// Rank orders findings of one phase of a Service that are both errors: a larger one is read first. 0 is usual.
	Rank int
	// Phase overrides the phase of the catalogue, for a cause that stops a Service at another rung; "" does not.
	Phase schema.Phase
}
