package bundle

import (
	"archive/tar"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/metallb-assay/assay/schema"
)

// PeekSize is how many bytes of a file Is wants to see; fewer are no fault where the file has no more.
const PeekSize = 4 << 10

// Is says whether a file that begins with head is a bundle that Open will read: a gzip member with the extra field AY, or a
// tar, compressed by gzip or not, whose first member is a header.json of the bundle's format.
func Is(head []byte) bool {
	if _, _, ok := blockSize(head); ok {
		return true
	}
	var src io.Reader = bytes.NewReader(head)
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(src)
		if err != nil {
			return false
		}
		src = z
	}
	entries := tar.NewReader(src)
	hdr, err := entries.Next()
	for err == nil && (hdr.Typeflag == tar.TypeXGlobalHeader || hdr.Typeflag == tar.TypeDir && (hdr.Name == "." || hdr.Name == "./")) {
		hdr, err = entries.Next()
	}
	if err != nil || hdr.Typeflag != tar.TypeReg || hdr.Name != schema.HeaderName && hdr.Name != "./"+schema.HeaderName {
		return false
	}
	// The end of head may cut the JSON: its first field is enough.
	text, _ := io.ReadAll(io.LimitReader(entries, PeekSize))
	return bytes.Contains(text, []byte(`"format"`)) && bytes.Contains(text, []byte(`"`+schema.BundleFormat+`"`))
}
