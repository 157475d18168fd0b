package check

// assignmentChecks are the checks of the phase assignment, in the order in which their findings are read.
var assignmentChecks = []*Check{}
