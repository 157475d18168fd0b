package model

import "strings"

// RemovedMark is what the collector puts in the place of a secret: (removed: KIND, #N).
const RemovedMark = "(removed: "

// PasswordMark is the number, as #N, that a text has in the place of a secret; "" when it has none. Within one bundle equal numbers
// are equal values, and others differ.
func PasswordMark(text string) string {
	_, after, ok := strings.Cut(text, RemovedMark)
	if !ok {
		return ""
	}
	inside, _, ok := strings.Cut(after, ")")
	at := strings.LastIndex(inside, ", #")
	if !ok || at < 0 {
		return ""
	}
	number := inside[at+3:]
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return "#" + number
}
