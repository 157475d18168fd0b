package foreign

// openBundle yields the members of an input that is a bundle; done is false when it is none.
func (s *source) openBundle(o *opener, in input) (done bool, err error) {
	return false, nil
}
