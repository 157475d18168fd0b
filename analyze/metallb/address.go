package metallb

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// parseEntry reads one entry of spec.addresses, a CIDR or a range, as MetalLB does: a CIDR is masked, a range is split into CIDRs,
// ascending. A range from one family into the other has no CIDR and is no error. Errors have MetalLB's words.
func parseEntry(entry string, v Version) ([]netip.Prefix, error) {
	first, last, isRange := strings.Cut(entry, "-")
	if !isRange {
		_, n, err := net.ParseCIDR(entry)
		if err != nil {
			return nil, fmt.Errorf("invalid CIDR %q", entry)
		}
		return []netip.Prefix{toPrefix(n)}, nil
	}
	start := net.ParseIP(strings.TrimSpace(first))
	if start == nil {
		return nil, fmt.Errorf("invalid IP range %q: invalid start IP %q", entry, first)
	}
	end := net.ParseIP(strings.TrimSpace(last))
	if end == nil {
		return nil, fmt.Errorf("invalid IP range %q: invalid end IP %q", entry, last)
	}
	// rule pool-range-order
	if v.Since("v0.11.0") && bytes.Compare(start, end) > 0 {
		return nil, fmt.Errorf("invalid IP range %q: start IP %q is after the end IP %q", entry, start, end)
	}
	return summarize(toAddr(start), toAddr(end)), nil
}

// toAddr turns an IP into an address whose family is the one that MetalLB sees: IPv4 in IPv6 is IPv4.
func toAddr(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap()
}

// toPrefix is the same for a network. A mapped network (::ffff:10.0.0.0/104) counts as IPv4.
func toPrefix(n *net.IPNet) netip.Prefix {
	bits, size := n.Mask.Size()
	a := toAddr(n.IP)
	if a.Is4() && size == 128 && bits >= 96 {
		bits -= 96
	}
	return netip.PrefixFrom(a, bits)
}

// summarize splits a range into the fewest CIDRs, ascending.
func summarize(first, last netip.Addr) []netip.Prefix {
	if first.BitLen() != last.BitLen() {
		return nil
	}
	var cidrs []netip.Prefix
	for first.Compare(last) <= 0 {
		p := netip.PrefixFrom(first, first.BitLen())
		for p.Bits() > 0 {
			wider := netip.PrefixFrom(first, p.Bits()-1).Masked()
			if wider.Addr() != first || lastOf(wider).Compare(last) > 0 {
				break
			}
			p = wider
		}
		cidrs = append(cidrs, p)
		end := lastOf(p)
		first = end.Next()
		if !first.IsValid() {
			break
		}
	}
	return cidrs
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := range b {
		if kept := p.Bits() - 8*i; kept <= 0 {
			b[i] = 0xff
		} else if kept < 8 {
			b[i] |= 0xff >> kept
		}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// lowestMask is the smallest mask number among CIDRs, 0 for none.
func lowestMask(cidrs []netip.Prefix) int {
	lowest := 0
	for i, c := range cidrs {
		if i == 0 || c.Bits() < lowest {
			lowest = c.Bits()
		}
	}
	return lowest
}

// families tells which families the CIDRs have.
func families(cidrs []netip.Prefix) (v4, v6 bool) {
	for _, c := range cidrs {
		if c.Addr().Is4() {
			v4 = true
		} else {
			v6 = true
		}
	}
	return v4, v6
}
