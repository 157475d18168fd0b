package metallb

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a release of MetalLB; the zero value is an unknown one.
type Version struct{ Major, Minor, Patch int }

// ParseVersion reads v0.14.9, 0.14.9 or v0.14.9-rc1; it returns false for anything else ("main", "").
func ParseVersion(s string) (Version, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "v")
	s, _, _ = strings.Cut(s, "-")
	s, _, _ = strings.Cut(s, "+")
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return Version{}, false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || v > 9999 {
			return Version{}, false
		}
		n[i] = v
	}
	return Version{n[0], n[1], n[2]}, true
}

// V is ParseVersion for constants; it panics on bad text.
func V(s string) Version {
	v, ok := ParseVersion(s)
	if !ok {
		panic("metallb: bad version " + s)
	}
	return v
}

// Known tells whether the release is known.
func (v Version) Known() bool { return v != Version{} }

// Compare orders releases.
func (v Version) Compare(o Version) int {
	for _, d := range [3]int{v.Major - o.Major, v.Minor - o.Minor, v.Patch - o.Patch} {
		if d != 0 {
			return d
		}
	}
	return 0
}

// Since tells whether v is the release s or a later one.
func (v Version) Since(s string) bool { return v.Compare(V(s)) >= 0 }

// Until tells whether v is the release s or an earlier one.
func (v Version) Until(s string) bool { return v.Compare(V(s)) <= 0 }

// String is v0.14.9, or "unknown".
func (v Version) String() string {
	if !v.Known() {
		return "unknown"
	}
	return fmt.Sprintf("v%d.%d.%d", v.Major, v.Minor, v.Patch)
}
