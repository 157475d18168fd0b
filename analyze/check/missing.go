package check

// missingInput names, for a cause that no check proves, what would have to be attached and read.
var missingInput = map[string]string{}

// MissingInput says what is missing to prove a cause that has no check; for one that has a check it is empty.
func MissingInput(cause string) string {
	if Of(cause) != nil {
		return ""
	}
	if text := missingInput[cause]; text != "" {
		return text
	}
	return "no input is known that proves it"
}
