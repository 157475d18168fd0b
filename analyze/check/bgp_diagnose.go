package check

// Down is why sessions are down, and for which Services that matters.
type Down struct{}

func (v *View) diagnoseSessions() {}
