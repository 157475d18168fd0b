package clean

import (
	"bytes"
	"io"
	"strings"
)

// sniffed is how many bytes tell what a text is.
const sniffed = 512

// writer cleans a member: as text, as text in UTF-16, or not at all.
type writer struct {
	c    *Cleaner
	path string
	w    io.Writer
	head []byte
	text *stream
	wide *wide
	raw  bool
	err  error
}

func (t *writer) Write(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	n := len(p)
	if t.text == nil && !t.raw {
		t.head = append(t.head, p...)
		if len(t.head) < sniffed {
			return n, nil
		}
		p = t.begin()
	}
	t.err = t.pass(p)
	if t.err != nil {
		return 0, t.err
	}
	return n, nil
}

// Close writes what was held back.
func (t *writer) Close() error {
	if t.err != nil {
		return t.err
	}
	if t.text == nil && !t.raw {
		t.err = t.pass(t.begin())
	}
	if t.wide != nil && t.err == nil {
		t.err = t.wide.end(t.text)
	}
	if t.text != nil && t.err == nil {
		t.err = t.text.close()
	}
	if t.wide != nil && t.err == nil {
		t.err = t.wide.close()
	}
	return t.err
}

// begin decides by the first bytes, and returns them.
func (t *writer) begin() []byte {
	if why := t.opaque(); why != "" {
		t.raw = true
		t.c.pass(t.path, why)
		return t.head
	}
	out := t.w
	if big, ok := utf16Text(t.head); ok {
		t.wide = &wide{w: t.w, big: big}
		out = t.wide
	}
	t.text = &stream{c: t.c, w: out, path: strings.ToLower(t.path)}
	return t.head
}

// opaque says why the member passes as it is. Only what the collector captures and what users attach can be other than text; a text
// that is cleaned again has no path, and is told by its first bytes alone.
func (t *writer) opaque() string {
	if t.path != "" && !strings.HasPrefix(t.path, "attached/") && !strings.HasPrefix(t.path, "captures/") {
		return ""
	}
	return Opaque(t.head)
}

func (t *writer) pass(p []byte) error {
	switch {
	case t.raw:
		_, err := t.w.Write(p)
		return err
	case t.wide != nil:
		return t.wide.decode(p, t.text)
	}
	return t.text.write(p)
}

func (t *writer) edited() bool { return t.text != nil && t.text.edited }

// Opaque says what a file is that cannot be cleaned, by its first bytes; "" for text.
func Opaque(head []byte) string {
	for _, f := range []struct{ magic, is string }{
		{"\xa1\xb2\xc3\xd4", "a packet capture"}, {"\xd4\xc3\xb2\xa1", "a packet capture"}, {"\xa1\xb2\x3c\x4d", "a packet capture"}, {"\x4d\x3c\xb2\xa1", "a packet capture"},
		{"\x0a\x0d\x0d\x0a", "a packet capture"}, {"\x1f\x8b\x08", "a compressed file"}, {"PK\x03\x04", "an archive"}, {"PK\x05\x06", "an archive"}, {"\x28\xb5\x2f\xfd", "a compressed file"},
		{"\xfd7zXZ\x00", "a compressed file"}, {"BZh91AY&SY", "a compressed file"}, {"7z\xbc\xaf\x27\x1c", "an archive"}, {"Rar!\x1a\x07", "an archive"}, {"\x04\x22\x4d\x18", "a compressed file"},
		{"\x89PNG\r\n\x1a\n", "a picture"}, {"\xff\xd8\xff", "a picture"}, {"GIF89a", "a picture"}, {"%PDF-1.", "a document"}, {"\x7fELF", "a program"}, {"SQLite format 3\x00", "a database"},
	} {
		if strings.HasPrefix(string(head[:min(len(head), 16)]), f.magic) {
			return f.is
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" && bytes.IndexByte(head[:100], 0) > 0 {
		return "an archive"
	}
	return ""
}
