package metallb

// maxCourses bounds the courses that Courses follows.
const maxCourses = 400

// Courses is how likely each course of a scenario is, from the start to the last operation or to endless work. ErrTooLarge says that
// there are too many.
func Courses(in Input, ops []Operation) ([]Odds, error) {
	s, err := NewSimulation(in)
	if err != nil {
		return nil, err
	}
	var ended []Odds
	at := []Worlds{s.Begin()}
	for step := 0; step <= len(ops); step++ {
		if step > 0 {
			if err := s.Do(ops[step-1]); err != nil {
				return nil, err
			}
		}
		var next []Worlds
		for _, worlds := range at {
			if step > 0 {
				worlds = s.After(worlds)
			}
			outcomes, err := s.Settle(worlds)
			if err != nil {
				return nil, err
			}
			for _, o := range outcomes {
				if o.Moment.Unsettled || step == len(ops) {
					ended = append(ended, o.Odds())
				} else {
					next = append(next, o.Worlds)
				}
			}
		}
		if at = next; len(at)+len(ended) > maxCourses {
			return nil, ErrTooLarge
		}
	}
	return ended, nil
}
