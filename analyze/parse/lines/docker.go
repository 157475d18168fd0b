package lines

import (
	"bytes"
	"unicode/utf8"
)

// docker takes docker's json-file wrapper off: {"log":"TEXT\n","stream":"stdout","time":"TIME"}, keys in any order. A text
// without a line end goes on in the next line of the same stream.
func (s *Scanner) docker(line []byte) bool {
	var text, stream, stamp []byte
	var found bool
	rest := bytes.TrimSpace(line)
	if len(rest) < 2 || rest[0] != '{' {
		s.text = line
		return true
	}
	rest = rest[1:]
	for len(rest) > 1 && rest[0] == '"' {
		key, after, ok := cutString(rest)
		if !ok || len(after) == 0 || after[0] != ':' {
			break
		}
		value, after, ok := cutString(bytes.TrimLeft(after[1:], " "))
		if !ok {
			break
		}
		switch string(key) {
		case "log":
			text, found = value, true
		case "stream":
			stream = value
		case "time":
			stamp = value
		}
		rest = bytes.TrimLeft(after, ", ")
	}
	if !found {
		s.text = line
		return true
	}
	s.unescaped = Unescape(s.unescaped[:0], text)
	text = s.unescaped
	goesOn := !bytes.HasSuffix(text, []byte("\n"))
	text = bytes.TrimRight(text, "\r\n")
	number := stdout
	if string(stream) == "stderr" {
		number = stderr
	}
	return s.piece(number, stamp, text, goesOn)
}

// cutString cuts a JSON string off the front of b: what is between the quotes, still escaped, and what follows.
func cutString(b []byte) (value, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, b, false
	}
	end := StringEnd(b, 1)
	if end < 0 {
		return nil, b, false
	}
	return b[1:end], b[end+1:], true
}

// StringEnd is the index of the quote that ends the JSON string whose text begins at from; -1 when there is none.
func StringEnd(b []byte, from int) int {
	for p := from; ; {
		i := bytes.IndexByte(b[p:], '"')
		if i < 0 {
			return -1
		}
		p += i
		k := p
		for k > from && b[k-1] == '\\' {
			k--
		}
		if (p-k)%2 == 0 {
			return p
		}
		p++
	}
}

// Unescape appends the text of a JSON string (without its quotes) to dst; escapes that JSON does not know stay as they are.
func Unescape(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 || i+1 >= len(b) {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		c := b[i+1]
		b = b[i+2:]
		switch c {
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			var r rune
			r, b = hexRune(b)
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, '\\', c)
		}
	}
}

// hexRune reads four hex digits, and the second half of a surrogate pair.
func hexRune(b []byte) (rune, []byte) {
	r, ok := hex4(b)
	if !ok {
		return utf8.RuneError, b
	}
	b = b[4:]
	if r < 0xD800 || r > 0xDFFF {
		return r, b
	}
	if r < 0xDC00 && len(b) >= 6 && b[0] == '\\' && b[1] == 'u' {
		if low, ok := hex4(b[2:]); ok && low >= 0xDC00 && low <= 0xDFFF {
			return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000, b[6:]
		}
	}
	return utf8.RuneError, b
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// StripColour appends b to dst without ANSI control sequences (colours, cursor moves).
func StripColour(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, 0x1b)
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		b = b[i+1:]
		if len(b) == 0 || b[0] != '[' {
			continue
		}
		k := 1
		for k < len(b) && (b[k] < 0x40 || b[k] > 0x7e) {
			k++
		}
		b = b[min(k+1, len(b)):]
	}
}
