package bundle

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Writer writes a bundle as a stream. It is not for several goroutines at once; it compresses in goroutines of its own. The
// same calls give the same bytes.
type Writer struct {
	out     *blockWriter
	tar     *tar.Writer
	created time.Time
	version int
	names   map[string]bool
	members []schema.MemberEntry
	err     error // the first; every call after it returns it
}

// NewWriter begins a bundle with its header, whose format and version it sets. Header.Created is the time of all members.
func NewWriter(w io.Writer, h schema.Header) (*Writer, error) {
	h.Format, h.Version = schema.BundleFormat, schema.BundleVersion
	if h.Params == nil {
		h.Params = schema.Parameters{}
	}
	b := &Writer{out: newBlockWriter(w), created: h.Created.Time, version: h.Version, names: map[string]bool{}}
	if b.created.IsZero() {
		b.created = time.Unix(0, 0)
	}
	b.tar = tar.NewWriter(b.out)
	if err := b.addJSON(schema.HeaderName, h); err != nil {
		b.Abort()
		return nil, err
	}
	return b, nil
}

// Add writes one member of exactly size bytes. The entry's path, step and owner are kept; size and SHA-256 are filled in. A
// name that a reader would refuse, a second member of a name, and a body of another size are errors; what failed before
// any byte was written (a bad name) leaves the writer usable.
func (b *Writer) Add(entry schema.MemberEntry, size int64, body io.Reader) error {
	if b.err != nil {
		return b.err
	}
	switch why := badName(entry.Path); {
	case why != "":
		return fmt.Errorf("member %q %s", entry.Path, why)
	case b.names[entry.Path], entry.Path == schema.TrailerName:
		return fmt.Errorf("member %s is there already", entry.Path)
	}
	sum := sha256.New()
	if err := b.add(entry.Path, size, io.TeeReader(body, sum)); err != nil {
		b.err = err
		return err
	}
	entry.Size, entry.SHA256 = size, hex.EncodeToString(sum.Sum(nil))
	b.members = append(b.members, entry)
	return nil
}

func (b *Writer) add(path string, size int64, body io.Reader) error {
	b.names[path] = true
	err := b.tar.WriteHeader(&tar.Header{Name: path, Typeflag: tar.TypeReg, Size: size, Mode: 0o644, ModTime: b.created.UTC().Truncate(time.Second)})
	if err != nil {
		return fmt.Errorf("member %s: %w", path, err)
	}
	n, err := io.Copy(b.tar, body)
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes came, %d were announced", n, size)
	}
	if err != nil {
		return fmt.Errorf("member %s: %w", path, err)
	}
	return nil
}

func (b *Writer) addJSON(path string, value any) error {
	// One field a line: a report points at the line of a step.
	data, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	return b.add(path, int64(len(data)), bytes.NewReader(data))
}

// Close writes the trailer and all that is still on its way. It does not close the io.Writer.
func (b *Writer) Close(ended schema.Time, steps []schema.Step) error {
	if b.err != nil {
		b.Abort()
		return b.err
	}
	t := schema.Trailer{Format: schema.BundleFormat, Version: b.version, Ended: ended, Steps: steps, Members: b.members}
	t.Normalize()
	t.Digest = t.Sum()
	err := b.addJSON(schema.TrailerName, t)
	if err == nil {
		err = b.tar.Close()
	}
	if end := b.out.close(); err == nil {
		err = end
	}
	b.err = fmt.Errorf("the bundle is closed")
	return err
}

// Abort ends the goroutines of a writer whose Close is not called. What was written stays: a bundle that was cut.
func (b *Writer) Abort() {
	if b.err == nil {
		b.err = fmt.Errorf("the bundle is closed")
	}
	b.out.close()
}
