package check

// Expectations is what MetalLB should have decided, as far as the attached resources allow to say it.
type Expectations struct{}

func (v *View) expect() {}
