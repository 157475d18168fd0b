package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/metallb-assay/assay/schema"
)

// ErrNotBundle is what an opener returns (wrapped) for an input that is no bundle.
var ErrNotBundle = errors.New("is no assay bundle")

// VersionError is what an opener returns for a bundle of a newer format version than it knows.
type VersionError struct {
	Name  string // of the input
	Found int
	Tool  schema.Tool // that wrote it
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: the bundle has format version %d (written by %s %s), this assay reads up to version %d: update assay, or read what it understands with --read-anyway",
		e.Name, e.Found, e.Tool.Name, e.Tool.Version, schema.BundleVersion)
}

// frame is what the sources of this package share: header and trailer, and which members there are.
type frame struct {
	name    string
	opt     Options
	header  *schema.Header
	trailer *schema.Trailer

	sizes  map[string]int64 // of each member by name; -1 for one that is damaged
	sums   map[string]string
	listed *schema.Trailer // as read, not yet believed
	last   string          // name of the last member
	losses []*Loss         // not yet told
}

func newFrame(name string, o Options) frame {
	return frame{name: name, opt: o.withDefaults(), sizes: map[string]int64{}, sums: map[string]string{}}
}

// Name implements Source.
func (f *frame) Name() string { return f.name }

// Layout implements Source.
func (f *frame) Layout() string { return "bundle" }

// Header implements Source.
func (f *frame) Header() *schema.Header { return f.header }

// Trailer implements Source.
func (f *frame) Trailer() *schema.Trailer { return f.trailer }

func (f *frame) lose(name, why string) {
	f.losses = append(f.losses, &Loss{Path: name, Kind: OriginOf(name).Kind, Why: why})
}

// admit checks a member's name and size; it tells the loss of a member that is not to be read.
func (f *frame) admit(name string, size int64) bool {
	why := badName(name)
	if _, twice := f.sizes[name]; why == "" && twice {
		why = "is there twice: the second is passed over"
	}
	if why == "" && size > f.opt.MaxMember {
		why = fmt.Sprintf("has %d bytes, more than the limit of %d", size, f.opt.MaxMember)
		f.sizes[name] = -1
	}
	if why != "" {
		f.losses = append(f.losses, &Loss{Path: shown(name), Kind: OriginOf(name).Kind, Why: why})
		return false
	}
	f.sizes[name] = size
	f.last = name
	return true
}

// takeHeader reads header.json.
func (f *frame) takeHeader(data []byte) error {
	var h schema.Header
	if err := json.Unmarshal(data, &h); err != nil {
		return fmt.Errorf("%s %w: header.json: %v", f.name, ErrNotBundle, err)
	}
	switch {
	case h.Format != schema.BundleFormat:
		return fmt.Errorf("%s %w: header.json names the format %q", f.name, ErrNotBundle, h.Format)
	case h.Version < 1:
		return fmt.Errorf("%s %w: header.json names no format version", f.name, ErrNotBundle)
	case h.Version > schema.BundleVersion && !f.opt.ReadAnyway:
		return &VersionError{Name: f.name, Found: h.Version, Tool: h.Tool}
	}
	f.header = &h
	return nil
}

// takeTrailer reads trailer.json; it is believed only once all members have been seen (settle).
func (f *frame) takeTrailer(data []byte) {
	var t schema.Trailer
	if err := json.Unmarshal(data, &t); err != nil {
		f.lose(schema.TrailerName, "can't be read: "+err.Error())
		return
	}
	t.Normalize()
	f.listed = &t
}

// member makes the Member of header.json or trailer.json, whose bytes were read already.
func metaMember(name string, data []byte) Member {
	return Member{Origin: OriginOf(name), Size: int64(len(data)), Body: bytes.NewReader(data)}
}

// readMeta reads header.json or trailer.json, no more of it than the limit.
func (f *frame) readMeta(name string, r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, f.opt.MaxMeta+1))
	if err == nil && int64(len(data)) > f.opt.MaxMeta {
		err = fmt.Errorf("has more than %d bytes, the limit", f.opt.MaxMeta)
	}
	return data, err
}

// missingMax is how many members that are only in the trailer's list are told by name.
const missingMax = 20

// settle holds the trailer against the members that were seen, and believes it where it is this bundle's. added says that
// members which the list lacks are no surprise (somebody put a file into an unpacked bundle).
func (f *frame) settle(added bool) {
	t := f.listed
	if t == nil {
		return
	}
	if f.last != schema.TrailerName && !added {
		f.lose(schema.TrailerName, "is not the last member")
	}
	if why := f.contradiction(t); why != "" {
		f.lose(schema.TrailerName, "is not believed: "+why)
		return
	}
	f.trailer = t
	listed := make(map[string]bool, len(t.Members))
	missing := 0
	for _, m := range t.Members {
		listed[m.Path] = true
		if _, seen := f.sizes[m.Path]; !seen {
			if missing++; missing <= missingMax {
				f.lose(shown(m.Path), "is in trailer.json's list, but not in the bundle")
			}
		}
	}
	if missing > missingMax {
		f.lose(schema.TrailerName, fmt.Sprintf("lists %d more members that are not in the bundle", missing-missingMax))
	}
	extra := 0
	for name := range f.sizes {
		if name != schema.HeaderName && name != schema.TrailerName && !listed[name] {
			extra++
		}
	}
	if extra > 0 && !added {
		f.lose(schema.TrailerName, fmt.Sprintf("does not list %d of the members", extra))
	}
}

// contradiction says why a trailer can't be that of this bundle; "" when nothing speaks against it.
func (f *frame) contradiction(t *schema.Trailer) string {
	if t.Format != schema.BundleFormat {
		return fmt.Sprintf("it names the format %q", t.Format)
	}
	if f.header != nil && t.Version != f.header.Version {
		return fmt.Sprintf("it has format version %d, the header has %d", t.Version, f.header.Version)
	}
	if t.Digest != t.Sum() {
		return "its digest is not that of its list of members"
	}
	known := 0
	for _, m := range t.Members {
		size, seen := f.sizes[m.Path]
		if !seen || size < 0 {
			continue
		}
		known++
		if size != m.Size {
			return fmt.Sprintf("it gives %s %d bytes, the bundle has %d", shown(m.Path), m.Size, size)
		}
		if sum, ok := f.sums[m.Path]; ok && sum != m.SHA256 {
			return fmt.Sprintf("it gives %s another SHA-256", shown(m.Path))
		}
	}
	if known == 0 && len(t.Members) > 0 && len(f.sizes) > 2 {
		return "it lists none of the members"
	}
	return ""
}
