package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/metallb-assay/assay/schema"
)

// JSON writes the report as schema/report.schema.json describes it. Characters that a terminal takes for orders stand as \u
// escapes, so that the strings are exact and the output is harmless where it is looked at.
func JSON(w io.Writer, r *schema.Report) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return err
	}
	_, err := w.Write(escapeControls(b.Bytes()))
	return err
}

// escapeControls writes the controls that encoding/json leaves as they are, which can stand in strings alone.
func escapeControls(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		c, n := utf8.DecodeRune(text)
		if steers(c) && c != '\n' {
			out = fmt.Appendf(out, "\\u%04x", c)
		} else {
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	return out
}
