package vtysh

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// asTrans stands in the two bytes of an OPEN for an AS number that needs four (RFC 6793).
const asTrans = 23456

// decodeOpen reads the OPEN whose words FRR prints under "Message received that caused BGP to send a NOTIFICATION":
// marker, length, type 1, version, AS, hold time, id, options; capability 65 has the AS in four bytes.
func decodeOpen(n *model.BGPNeighbor, words string) {
	b, err := hex.DecodeString(strings.Join(strings.Fields(words), ""))
	if err != nil || len(b) < 29 || b[18] != 1 {
		return
	}
	if size := int(binary.BigEndian.Uint16(b[16:])); size >= 29 && size < len(b) {
		b = b[:size]
	}
	n.OpenAS = uint32(binary.BigEndian.Uint16(b[20:]))
	n.OpenHold = int(binary.BigEndian.Uint16(b[22:]))
	n.OpenID = netip.AddrFrom4([4]byte(b[24:28])).String()
	for _, cap := range capabilities(b[29:]) {
		if cap[0] == 65 && len(cap) == 6 {
			n.OpenAS = binary.BigEndian.Uint32(cap[2:])
		}
	}
	if n.OpenAS == asTrans {
		n.OpenAS = 0 // the real one is not in what was printed
	}
}

// capabilities are the capabilities (code, length, value) in the optional parameters of an OPEN.
func capabilities(b []byte) [][]byte {
	var found [][]byte
	for len(b) >= 2 {
		kind, size := b[0], int(b[1])
		b = b[2:]
		if size > len(b) {
			size = len(b)
		}
		if kind == 2 {
			for c := b[:size]; len(c) >= 2 && int(c[1])+2 <= len(c); c = c[int(c[1])+2:] {
				found = append(found, c[:int(c[1])+2])
			}
		}
		b = b[size:]
	}
	return found
}
