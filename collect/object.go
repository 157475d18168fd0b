package collect

// at walks into an object by keys; nil when one of them is not there.
func at(o any, keys ...string) any {
	for _, k := range keys {
		m, ok := o.(map[string]any)
		if !ok {
			return nil
		}
		o = m[k]
	}
	return o
}

func text(o any, keys ...string) string {
	s, _ := at(o, keys...).(string)
	return s
}

func list(o any, keys ...string) []any {
	l, _ := at(o, keys...).([]any)
	return l
}

func number(o any, keys ...string) int64 {
	switch n := at(o, keys...).(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 0
}

func nameOf(o Object) string      { return text(o, "metadata", "name") }
func namespaceOf(o Object) string { return text(o, "metadata", "namespace") }

func label(o Object, key string) string { return text(o, "metadata", "labels", key) }

// drop removes a field, if it is there.
func drop(o any, keys ...string) {
	if m, ok := at(o, keys[:len(keys)-1]...).(map[string]any); ok {
		delete(m, keys[len(keys)-1])
	}
}

// only keeps the named fields of a part of an object.
func only(o any, fields ...string) {
	m, ok := o.(map[string]any)
	if !ok {
		return
	}
	keep := map[string]bool{}
	for _, f := range fields {
		keep[f] = true
	}
	for k := range m {
		if !keep[k] {
			delete(m, k)
		}
	}
}
