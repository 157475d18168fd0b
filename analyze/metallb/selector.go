package metallb

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// Matches tells whether a label selector takes an object with these labels, as Kubernetes does: an empty selector takes all. An
// invalid selector (SelectorError) takes nothing.
func Matches(s model.Selector, labels map[string]string) bool {
	for k, want := range s.MatchLabels {
		if got, ok := labels[k]; !ok || got != want {
			return false
		}
	}
	for _, r := range s.Expressions {
		got, has := labels[r.Key]
		ok := false
		switch r.Operator {
		case "In":
			ok = has && slices.Contains(r.Values, got)
		case "NotIn":
			ok = !has || !slices.Contains(r.Values, got)
		case "Exists":
			ok = has
		case "DoesNotExist":
			ok = !has
		}
		if !ok {
			return false
		}
	}
	return true
}

// anyMatches tells whether one of the selectors takes the labels; none is what the absence of selectors means.
func anyMatches(selectors []model.Selector, labels map[string]string, none bool) bool {
	if len(selectors) == 0 {
		return none
	}
	for _, s := range selectors {
		if Matches(s, labels) {
			return true
		}
	}
	return false
}

// SelectorError is what Kubernetes says of a selector that it cannot use, "" of a good one.
func SelectorError(s model.Selector) string {
	for _, k := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		if text := requirementError(k, "=", []string{s.MatchLabels[k]}); text != "" {
			return text
		}
	}
	for _, r := range s.Expressions {
		switch r.Operator {
		case "In", "NotIn", "Exists", "DoesNotExist":
		default:
			return fmt.Sprintf("%q is not a valid label selector operator", r.Operator)
		}
		if text := requirementError(r.Key, r.Operator, r.Values); text != "" {
			return text
		}
	}
	return ""
}

// requirementError is what Kubernetes says of one requirement: several faults are put into brackets.
func requirementError(key, operator string, values []string) string {
	var faults []string
	if why := labelKeyErrors(key); len(why) > 0 {
		faults = append(faults, fmt.Sprintf("key: Invalid value: %q: %s", key, strings.Join(why, "; ")))
	}
	if len(values) == 0 {
		values = nil
	}
	switch operator {
	case "In", "NotIn":
		if len(values) == 0 {
			faults = append(faults, fmt.Sprintf("values: Invalid value: %#v: for 'in', 'notin' operators, values set can't be empty", values))
		}
	case "Exists", "DoesNotExist":
		if len(values) != 0 {
			faults = append(faults, fmt.Sprintf("values: Invalid value: %#v: values set must be empty for exists and does not exist", values))
		}
	}
	for i, v := range values {
		if why := labelValueErrors(v); len(why) > 0 {
			faults = append(faults, fmt.Sprintf("values[%d][%s]: Invalid value: %q: %s", i, key, v, strings.Join(why, "; ")))
		}
	}
	switch len(faults) {
	case 0:
		return ""
	case 1:
		return faults[0]
	}
	return "[" + strings.Join(faults, ", ") + "]"
}

const (
	qualifiedNameWords = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character" +
		" (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
	subdomainWords = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end" +
		" with an alphanumeric character (e.g. 'example.com', regex used for validation is" +
		" '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
	labelValueWords = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end" +
		" with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is" +
		" '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)

func labelKeyErrors(key string) []string {
	prefix, name, hasPrefix := strings.Cut(key, "/")
	if !hasPrefix {
		prefix, name = "", key
	}
	if strings.Contains(name, "/") {
		return []string{"a qualified name " + qualifiedNameWords + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"}
	}
	var why []string
	if hasPrefix && prefix == "" {
		why = append(why, "prefix part must be non-empty")
	} else if hasPrefix {
		if len(prefix) > 253 {
			why = append(why, "prefix part must be no more than 253 characters")
		}
		if !isSubdomain(prefix) {
			why = append(why, "prefix part "+subdomainWords)
		}
	}
	if name == "" {
		why = append(why, "name part must be non-empty")
	} else if len(name) > 63 {
		why = append(why, "name part must be no more than 63 characters")
	}
	if !isLabelName(name) {
		why = append(why, "name part "+qualifiedNameWords)
	}
	return why
}

func labelValueErrors(value string) []string {
	var why []string
	if len(value) > 63 {
		why = append(why, "must be no more than 63 characters")
	}
	if value != "" && !isLabelName(value) {
		why = append(why, labelValueWords)
	}
	return why
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// isLabelName: alphanumeric at both ends, "-", "_" and "." between.
func isLabelName(s string) bool {
	for i := range len(s) {
		inside := i > 0 && i < len(s)-1
		if !isAlphanumeric(s[i]) && (!inside || s[i] != '-' && s[i] != '_' && s[i] != '.') {
			return false
		}
	}
	return s != ""
}

// isSubdomain: lower case labels with "-" inside, joined by dots.
func isSubdomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label != strings.ToLower(label) || strings.ContainsAny(label, "_") || !isLabelName(label) {
			return false
		}
	}
	return true
}

// plainSelector and plainRequirement have the fields of the Kubernetes types in their order: MetalLB prints selectors with fmt's
// verbs, so that the text shows the struct.
type plainSelector struct {
	MatchLabels      map[string]string
	MatchExpressions []plainRequirement
}

type plainRequirement struct {
	Key, Operator string
	Values        []string
}

func plain(s model.Selector) plainSelector {
	p := plainSelector{MatchLabels: s.MatchLabels}
	for _, r := range s.Expressions {
		p.MatchExpressions = append(p.MatchExpressions, plainRequirement(r))
	}
	return p
}

// stringOf is the text of a selector by its own String method, which MetalLB compares and, for pointers, prints.
func stringOf(s model.Selector) string {
	var b strings.Builder
	b.WriteString("&LabelSelector{MatchLabels:map[string]string{")
	for _, k := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		fmt.Fprintf(&b, "%v: %v,", k, s.MatchLabels[k])
	}
	b.WriteString("},MatchExpressions:[]LabelSelectorRequirement{")
	for _, r := range s.Expressions {
		fmt.Fprintf(&b, "LabelSelectorRequirement{Key:%v,Operator:%v,Values:%v,},", r.Key, r.Operator, r.Values)
	}
	b.WriteString("},}")
	return b.String()
}

// sortedValues is the selectors with the values of their expressions sorted, as MetalLB leaves them after it looked for duplicates.
func sortedValues(selectors []model.Selector) []model.Selector {
	sorted := make([]model.Selector, len(selectors))
	for i, s := range selectors {
		sorted[i].MatchLabels = s.MatchLabels
		for _, r := range s.Expressions {
			r.Values = slices.Sorted(slices.Values(r.Values))
			sorted[i].Expressions = append(sorted[i].Expressions, r)
		}
	}
	return sorted
}

// duplicateSelector is what MetalLB says of selectors (with sorted values) that repeat themselves, "" of others.
func duplicateSelector(selectors []model.Selector, field string) string {
	for i, s := range selectors {
		for j, r := range s.Expressions {
			if text := duplicateString(r.Values, "match expression value in label selector"); text != "" {
				return text
			}
			for _, other := range s.Expressions[j+1:] {
				if r.Key == other.Key && r.Operator == other.Operator && slices.Equal(r.Values, other.Values) {
					return fmt.Sprintf("duplicate definition of match expressions %q", plainRequirement(r))
				}
			}
		}
		for _, other := range selectors[i+1:] {
			if stringOf(s) == stringOf(other) {
				return fmt.Sprintf("duplicate definition of %s %q", field, plain(s))
			}
		}
	}
	return ""
}

// duplicateString is the same for strings.
func duplicateString(values []string, field string) string {
	for i, v := range values {
		if slices.Contains(values[i+1:], v) {
			return fmt.Sprintf("duplicate definition of %s %q", field, v)
		}
	}
	return ""
}
