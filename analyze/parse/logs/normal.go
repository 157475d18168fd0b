package logs

// numberless appends text to dst with every number replaced by N: for messages that differ in numbers alone. Digits behind a letter
// belong to a word (k8s, v1beta1, IPv4) and stay.
func numberless(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < '0' || c > '9' || i > 0 && (text[i-1]|0x20 >= 'a' && text[i-1]|0x20 <= 'z') {
			dst = append(dst, c)
			i++
			continue
		}
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		dst = append(dst, 'N')
	}
	return dst
}

// steady appends text to dst without what differs from one occurrence of an error to the next: ephemeral ports, times, ids of
// objects and their versions. Addresses, well-known ports and AS numbers stay: they tell errors apart.
func steady(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if !alphanumeric(c) {
			dst = append(dst, c)
			i++
			continue
		}
		k := i
		numbers, letters := 0, 0
		hex := true
		for k < len(text) && alphanumeric(text[k]) {
			switch {
			case text[k] >= '0' && text[k] <= '9':
				numbers++
			default:
				letters++
				hex = hex && (text[k]|0x20 >= 'a' && text[k]|0x20 <= 'f')
			}
			k++
		}
		word := text[i:k]
		switch {
		case letters == 0 && i > 0 && text[i-1] == ':' && numbers == 5 && string(word) >= "30000":
			dst = append(dst, 'N') // an ephemeral port
		case letters == 0 && numbers >= 6, hex && letters > 0 && numbers > 0 && len(word) >= 8:
			dst = append(dst, 'N')
		case clock(text, i, k):
			dst = append(dst, 'N')
		default:
			dst = append(dst, word...)
		}
		i = k
	}
	return dst
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// clock tells whether text[i:k] is part of a time: two digits beside a colon and two more, a year before a dash, or a duration.
func clock(text []byte, i, k int) bool {
	word := text[i:k]
	isTwo := func(b []byte) bool {
		return len(b) >= 2 && b[0] >= '0' && b[0] <= '9' && b[1] >= '0' && b[1] <= '9' && (len(b) == 2 || !alphanumeric(b[2]))
	}
	switch {
	case isTwo(word) && len(word) == 2 && k+2 < len(text) && text[k] == ':' && isTwo(text[k+1:]) && (k+3 >= len(text) || text[k+3] == ':' || i >= 3 && text[i-1] == ':'):
		return true
	case isTwo(word) && len(word) == 2 && i >= 3 && text[i-1] == ':' && isTwo(text[i-3:i]):
		return true
	case word[0] >= '0' && word[0] <= '9' && word[len(word)-1] == 's':
		for _, c := range word[:len(word)-1] {
			if (c < '0' || c > '9') && c != 'm' && c != 'h' && c != 'n' && c != 'u' {
				return false
			}
		}
		return true
	}
	return false
}
