package lines

// unwrap takes the wrapper that the origin names off the line; a line without it stays as it is.
func (s *Scanner) unwrap() {
	// filled in by the wrappers' own functions
}
