package check

// configurationChecks are the checks of the phase configuration, in the order in which their findings are read.
var configurationChecks = []*Check{}
