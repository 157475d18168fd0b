package bundle

import "math/bits"

// A Huffman table (RFC 1951, section 3.2.2) is indexed by the next bits of the data. An entry of it, from its lowest bit:
//
//	bits 0-7    how many bits the code has (in a second table: beyond the first table's)
//	bits 8-12   how many extra bits follow the code
//	bits 13-15  one of the flags below, or none: then it is a length, or a distance
//	bits 16-31  the literal, the smallest length or distance, or where in the table the second table begins
const (
	flagLiteral = 1 << 15
	flagEnd     = 1 << 14 // the end of the deflate block; with a value other than 0, no code at all
	flagSecond  = 1 << 13

	noCode = 1<<16 | flagEnd | 1
)

// Widths of the first tables in bits. Codes that are longer go on in a second table.
const (
	codeBits   = 15 // the longest code
	lengthBits = 11
	distBits   = 9
	orderBits  = 7 // of the code for code lengths, whose codes have no more
)

// Second tables: as many as there can be prefixes with longer codes is never needed, since those codes share few prefixes.
const (
	lengthSize = 1<<lengthBits + 288<<(codeBits-lengthBits)/2
	distSize   = 1<<distBits + 32<<(codeBits-distBits)/2
)

func literalEntry(symbol int) uint32 {
	switch {
	case symbol < 256:
		return uint32(symbol)<<16 | flagLiteral
	case symbol == 256:
		return flagEnd
	case symbol < 286:
		return lengthBase[symbol-257]
	}
	return noCode &^ 0xff
}

func distEntry(symbol int) uint32 {
	if symbol < 30 {
		return distBase[symbol]
	}
	return noCode &^ 0xff
}

func orderEntry(symbol int) uint32 { return uint32(symbol) << 16 }

// lengthBase and distBase have the entries of symbols 257 to 285, and of the distances (RFC 1951, section 3.2.5).
var lengthBase, distBase = func() (l [29]uint32, d [30]uint32) {
	base := uint32(3)
	for i := range 28 {
		extra := uint32(max(i-4, 0)) / 4
		l[i] = base<<16 | extra<<8
		base += 1 << extra
	}
	l[28] = 258 << 16
	base = 1
	for i := range d {
		extra := uint32(max(i-2, 0)) / 2
		d[i] = base<<16 | extra<<8
		base += 1 << extra
	}
	return l, d
}()

// makeTable fills a table for codes of these lengths, the first of it width bits wide. It returns false where the lengths make no
// code, or one that leaves bits without meaning, unless it is that of a single symbol or of none.
func makeTable(table []uint32, width int, lengths []uint8, entry func(symbol int) uint32) bool {
	next, ok := firstCodes(lengths)
	if !ok {
		return false
	}
	first, end := 1<<width, 1<<width
	second := 1 << (codeBits - width)
	fill(table[:first], 0, 1, noCode)
	for symbol, length := range lengths {
		n := int(length)
		if n == 0 {
			continue
		}
		code := int(bits.Reverse16(uint16(next[n])) >> (16 - n))
		next[n]++
		if n <= width {
			fill(table[:first], code, 1<<n, entry(symbol)|uint32(n))
			continue
		}
		prefix := code & (first - 1)
		if table[prefix]&flagSecond == 0 {
			if end+second > len(table) {
				return false
			}
			table[prefix] = uint32(end)<<16 | flagSecond | uint32(width)
			fill(table[end:end+second], 0, 1, noCode)
			end += second
		}
		at := int(table[prefix] >> 16)
		fill(table[at:at+second], code>>width, 1<<(n-width), entry(symbol)|uint32(n-width))
	}
	return true
}

// fill sets each step-th entry from the first one on.
func fill(table []uint32, from, step int, entry uint32) {
	for i := from; i < len(table); i += step {
		table[i] = entry
	}
}

// firstCodes returns the first code of each length.
func firstCodes(lengths []uint8) (next [codeBits + 2]int, ok bool) {
	var count [codeBits + 1]int
	for _, l := range lengths {
		count[l]++
	}
	used := len(lengths) - count[0]
	count[0] = 0
	left := 1
	for l := 1; l <= codeBits; l++ {
		left = left<<1 - count[l]
		if left < 0 {
			return next, false
		}
		next[l+1] = (next[l] + count[l]) << 1
	}
	return next, left == 0 || used == 0 || used == 1 && count[1] == 1
}
