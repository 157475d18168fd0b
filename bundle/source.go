// Package bundle reads and writes the bundle, format version 1 (schema/bundle.md), as streams of members.
package bundle

import (
	"fmt"
	"io"
	"iter"

	"github.com/metallb-assay/assay/schema"
)

// Member is one file, or one block of a text, of an input.
type Member struct {
	schema.Origin
	Size int64     // bytes of Body as far as known beforehand; -1 when unknown
	Body io.Reader // UTF-8 text (or a capture); valid until the next member is asked for
}

// Source yields the members of an input in a fixed order, each once.
type Source interface {
	// Name is the input as the call named it; "-" is standard input.
	Name() string
	// Layout is bundle, collect.sh, must-gather or loose. It is final only after Members has ended.
	Layout() string
	// Members yields every member. With an error of type *Loss the member is the zero Member: something could not be read,
	// and iteration goes on unless the Loss says Cut. Any other error ends the iteration: nothing more can be read.
	Members() iter.Seq2[Member, error]
	// Header and Trailer are nil where there is none (yet: Trailer is there only after Members has ended).
	Header() *schema.Header
	Trailer() *schema.Trailer
}

// Loss is something of the input that could not be read; the report tells each.
type Loss struct {
	Path string // member, or archive, as evidence would name it
	Kind schema.Kind
	Why  string // "gzip checksum is wrong behind byte 1,234", "is a symbolic link", "is larger than 1 GiB", ...
	Cut  bool   // the input (or the archive Path) ends here
}

func (l *Loss) Error() string { return fmt.Sprintf("%s: %s", l.Path, l.Why) }
