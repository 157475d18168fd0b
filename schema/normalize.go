package schema

// Normalize makes every list of the report that is nil an empty one, so that its JSON has no null. It changes nothing else.
func (r *Report) Normalize() {
	fill(&r.Services)
	fill(&r.Findings)
	fill(&r.Unknowns)
	fill(&r.Timeline)
	fill(&r.Members)
	for i := range r.Services {
		s := &r.Services[i]
		fill(&s.Addresses)
		fill(&s.Findings)
		fill(&s.Phases)
		for j := range s.Phases {
			fill(&s.Phases[j].Evidence)
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		fill(&f.Objects)
		fill(&f.Services)
		fill(&f.Because)
		fill(&f.Evidence)
	}
	for i := range r.Unknowns {
		fill(&r.Unknowns[i].Services)
	}
	for i := range r.Timeline {
		fill(&r.Timeline[i].Services)
	}
}

// Normalize makes every list of the trailer that is nil an empty one.
func (t *Trailer) Normalize() {
	fill(&t.Steps)
	fill(&t.Members)
}

func fill[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
