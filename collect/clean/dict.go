package clean

import (
	"bytes"
	"crypto/sha256"
	"sync"
	"sync/atomic"
)

// dict finds, in one pass over a text, the words behind which a secret can stand and all forms of the values that are known: it
// hops over the text by its pairs of bytes, as far as no pattern can begin in between (Wu and Manber), and compares the few places
// that are left. Patterns are added while others search.
type dict struct {
	known atomic.Int64 // values that are removed everywhere

	mu       sync.RWMutex
	hop      [pairs]uint8
	bucket   [pairs][]*pattern
	values   map[[32]byte]*value // by SHA-256
	byText   map[string][]*value // those removed everywhere, by their text, for names that are learned later
	names    map[string]struct{}
	patterns int
}

// Bounds of what is remembered.
const (
	pairs       = 1 << 12
	window      = 4 // bytes of each pattern that the search goes by: no pattern is shorter
	valueMax    = 16 << 10
	patternsMax = 200_000
	namesMax    = 500_000
	nameMax     = 63
)

// value is a secret.
type value struct {
	kind       Kind
	number     int
	everywhere bool
}

// pattern is something to find: a form of a value, or a word behind which one can stand.
type pattern struct {
	text            []byte
	value           *value  // nil for a word
	word            handler // what looks at the place; nil for a value
	base64, bounded bool
	lead, tail      bool // in base64: the character before, behind belongs to the value in part
}

// fold makes ASCII letters small.
var fold = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if i >= 'A' && i <= 'Z' {
			t[i] |= 0x20
		}
	}
	return t
}()

// high is fold in the place that the first of two bytes has in a pair.
var high = func() (t [256]uint16) {
	for i, c := range fold {
		t[i] = uint16(c) << 5 & (pairs - 1)
	}
	return t
}()

func pair(a, b byte) int { return int(high[a]^uint16(fold[b])) & (pairs - 1) }

func four(b []byte) int { return (pair(b[0], b[1])*31 ^ pair(b[2], b[3])) & (pairs - 1) }

func (d *dict) init() {
	d.values, d.byText, d.names = map[[32]byte]*value{}, map[string][]*value{}, map[string]struct{}{}
	for i := range d.hop {
		d.hop[i] = window - 1
	}
	for _, p := range words {
		d.add(&pattern{text: []byte(p.text), word: p.look})
	}
}

// add adds a pattern. The lock is held, or nobody else has the dict.
func (d *dict) add(p *pattern) {
	for i := range window - 1 {
		h := pair(p.text[i], p.text[i+1])
		d.hop[h] = min(d.hop[h], uint8(window-2-i))
	}
	h := four(p.text)
	for _, other := range d.bucket[h] {
		if other.value != nil && other.value == p.value && bytes.Equal(other.text, p.text) {
			return
		}
	}
	d.bucket[h] = append(d.bucket[h], p)
	d.patterns++
}

// next finds the first pattern that begins in b[from:to]; it may end behind to. Without one, at is -1.
func (d *dict) next(b []byte, from, to int) (at int, found *pattern) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	end := min(to+window-1, len(b))
	for i := from + window - 1; i < end; {
		if hop := d.hop[pair(b[i-1], b[i])]; hop > 0 {
			i += int(hop)
			continue
		}
		at := i - window + 1
		for _, p := range d.bucket[four(b[at:])] {
			if p.at(b, at) && (found == nil || p.before(found)) {
				found = p
			}
		}
		if found != nil {
			return at, found
		}
		i++
	}
	return -1, nil
}

// before orders patterns that match at one place: values before words, then the longest.
func (p *pattern) before(o *pattern) bool {
	if (p.value != nil) != (o.value != nil) {
		return p.value != nil
	}
	return len(p.text) > len(o.text)
}

// at says whether the pattern stands in b at i.
func (p *pattern) at(b []byte, i int) bool {
	if len(b)-i < len(p.text) {
		return false
	}
	s := b[i : i+len(p.text)]
	if p.value == nil {
		for k, c := range p.text {
			if fold[s[k]] != c {
				return false
			}
		}
		return true
	}
	return p.value.everywhere && bytes.Equal(s, p.text) && (!p.bounded || startsWord(b, i) && (i+len(s) == len(b) || !alnum(b[i+len(s)])))
}

// clear says that nothing in s calls for a closer look.
func (d *dict) clear(s string) bool {
	_, found := d.next([]byte(s), 0, len(s))
	return found == nil
}

// learn gives the number of a value, and makes it known to all text where the rule allows that.
func (d *dict) learn(kind Kind, text string, sure bool) int {
	key := sha256.Sum256([]byte(text))
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.values[key]
	if v == nil {
		v = &value{kind: kind, number: len(d.values) + 1}
		d.values[key] = v
	}
	if v.everywhere || d.patterns >= patternsMax || !distinct(text) || !sure && !strong(text) {
		return v.number
	}
	if _, ok := d.names[text]; ok {
		return v.number
	}
	d.remember(v, text)
	return v.number
}

// remember makes a value known to all text. The lock is held.
func (d *dict) remember(v *value, text string) {
	for _, p := range forms(text) {
		p.value = v
		d.add(p)
	}
	v.everywhere = true
	if len(text) <= nameMax {
		d.byText[text] = append(d.byText[text], v)
	}
	d.known.Add(1)
}

// piece makes a part of a value known, such as a line of a private key.
func (d *dict) piece(kind Kind, whole, part string) {
	key := sha256.Sum256([]byte(whole))
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.values[key]
	if v == nil || d.patterns >= patternsMax || len(part) < 16 || len(part) > valueMax || !v.everywhere && len(whole) <= valueMax {
		return
	}
	before := d.patterns
	for _, p := range forms(part) {
		p.value = v
		d.add(p)
	}
	v.everywhere = true
	if d.patterns > before {
		d.known.Add(1)
	}
}

// name notes what something in the cluster is called: such a word is no secret elsewhere.
func (d *dict) name(s string) {
	if len(s) < window || len(s) > nameMax {
		return
	}
	d.mu.RLock()
	_, ok := d.names[s]
	full := len(d.names) >= namesMax
	d.mu.RUnlock()
	if ok || full {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.names[s] = struct{}{}
	for _, v := range d.byText[s] {
		v.everywhere = false
	}
	delete(d.byText, s)
}

// number is that of a value that is removed at its own place only.
func (d *dict) number(kind Kind, text string) int {
	key := sha256.Sum256([]byte(text))
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.values[key]
	if v == nil {
		v = &value{kind: kind, number: len(d.values) + 1}
		d.values[key] = v
	}
	return v.number
}
