// Package metallb says what MetalLB decides: which configuration each component accepts, which address a Service may get, which
// nodes announce it and to which peers. Every function is a pure function of objects and a release; rules carry the name that they
// have in rules.go, with the releases in which they hold.
package metallb
