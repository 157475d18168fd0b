package check

// bgpChecks are the checks of the phase bgp, in the order in which their findings are read.
var bgpChecks = []*Check{}
