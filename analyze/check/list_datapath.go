package check

// datapathChecks are the checks of the phase datapath, in the order in which their findings are read.
var datapathChecks = []*Check{}
