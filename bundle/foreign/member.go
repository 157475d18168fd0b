package foreign

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// text yields a file that is no archive: as one member where it is of one kind, else a member for each block.
func (o *opener) text(name fileName, r *bufio.Reader, size int64) error {
	raw, peekErr := r.Peek(peekSize)
	enc := encodingOf(raw)
	if enc == binaryData {
		return o.whole(name, schema.Origin{Kind: schema.KindBinary}, r, size)
	}
	converted := bufio.NewReaderSize(newText(enc, r), peekSize)
	head, err := converted.Peek(peekSize)
	whole := err == io.EOF && peekErr == io.EOF
	lines := splitLines(string(head), whole)
	if first := firstText(lines, 0, len(lines)); len(lines) == 0 || strings.TrimSpace(lines[first]) == "" {
		if whole {
			return o.whole(name, schema.Origin{Kind: schema.KindEmpty}, converted, size)
		}
	}
	origin := recognise(lines)
	place := placeOf(name.path)
	if enc != utf8Text || bytes.IndexByte(raw, 0x1b) >= 0 {
		size = -1
	}
	streams := isLog(origin.Kind) || size > o.opt.MaxSplit && origin.Kind != schema.KindUnknown
	if streams {
		place.fill(&origin)
		return o.whole(name, origin, converted, size)
	}
	return o.held(name, origin, place, converted, size)
}

// Recognise says of which kind a text is that begins with head, and what wraps its lines: the kind of its first block where it
// has several.
func Recognise(head []byte) (schema.Kind, schema.Wrap) {
	enc := encodingOf(head)
	if enc == binaryData {
		return schema.KindBinary, schema.WrapNone
	}
	head, _ = io.ReadAll(newText(enc, bytes.NewReader(head)))
	o := recognise(splitLines(string(head), true))
	return o.Kind, o.Wrap
}

// recognise looks at the first lines of a text: a log is known by most of them, anything else by the first.
func recognise(lines []string) schema.Origin {
	var o schema.Origin
	first := firstText(lines, 0, len(lines))
	if first >= len(lines) || strings.TrimSpace(lines[first]) == "" {
		o.Kind = schema.KindEmpty
		return o
	}
	if k, w, ok := wholeLog(lines[first:]); ok {
		o.Kind, o.Wrap = k, w
		return o
	}
	for first < len(lines)-1 && isKubectlNoise(lines[first]) {
		first = firstText(lines, first+1, len(lines))
	}
	o.Kind = startKind(lines, first, len(lines))
	switch _, prompt := ParsePrompt(lines[first]); {
	case isLog(o.Kind):
		o.Kind = schema.KindUnknown // lines of a log, and other things: to be taken apart
	case o.Kind == "", prompt && o.Kind != schema.KindIptables && o.Kind != schema.KindMetrics && o.Kind != schema.KindDaemons:
		o.Kind = schema.KindUnknown
	}
	return o
}

// wholeLog says whether most of the lines are of logs, and the first is no prompt, fence or heading.
func wholeLog(lines []string) (schema.Kind, schema.Wrap, bool) {
	if _, ok := ParsePrompt(lines[0]); ok {
		return "", "", false
	}
	if _, ok := heading(lines[0]); ok || fenceMark(strings.TrimSpace(lines[0])) != "" {
		return "", "", false
	}
	wrap := wrapOf(lines)
	count := map[schema.Kind]int{}
	text, logs, lead := 0, 0, 0
	for i, l := range lines {
		if i >= 400 {
			break
		}
		t := strings.TrimSpace(l)
		if t == "" {
			continue
		}
		if fenceMark(t) != "" && (wrap == schema.WrapNone || logs == 0) {
			return "", "", false
		}
		text++
		wrapped := wrap != schema.WrapNone && lineWrap(t) == wrap
		if wrapped {
			t = strings.TrimSpace(unwrapLine(wrap, t))
		}
		k := logLine(t)
		if k == "" && !wrapped {
			continue
		}
		if logs++; logs == 1 {
			lead = text
		}
		count[k]++
	}
	if logs == 0 || logs*10 < text*4 || lead > 3 && lead > text/4 {
		return "", "", false
	}
	best, most := schema.KindOtherLog, 0
	for _, k := range []schema.Kind{schema.KindLog, schema.KindFRRLog, schema.KindReload, schema.KindOtherLog, schema.KindRouter} {
		if count[k] > most {
			best, most = k, count[k]
		}
	}
	if best == schema.KindRouter {
		return "", "", false // a router's log is short and stands among its other outputs
	}
	return best, wrap, spoken(lines)*20 <= text // a log with prose around it is taken apart
}

// spoken counts the lines of a log that a person wrote around it: sentences at its border, or beside a blank line. What stands
// between two lines of the log is the output of a script or a stack trace.
func spoken(lines []string) int {
	lines = lines[:min(len(lines), 400)]
	blank := func(i int) bool { return i < 0 || i >= len(lines) || strings.TrimSpace(lines[i]) == "" }
	n := 0
	for i, l := range lines {
		if t := strings.TrimSpace(l); isProse(t) && (blank(i-1) || blank(i+1)) && logLine(t) == "" && lineWrap(t) == schema.WrapNone {
			n++
		}
	}
	return n
}

// held reads a text that may be of several kinds, and yields its blocks.
func (o *opener) held(name fileName, origin schema.Origin, at place, r io.Reader, size int64) error {
	b := &body{r: r, left: o.opt.MaxMember, total: &o.left}
	data, _ := io.ReadAll(io.LimitReader(b, o.opt.MaxSplit+1))
	if int64(len(data)) > o.opt.MaxSplit && b.err == nil {
		largest(&origin, splitLines(string(data[:min(len(data), peekSize)]), false))
		at.fill(&origin)
		return o.whole(name, origin, io.MultiReader(bytes.NewReader(data), r), size)
	}
	lines, quoted := unquote(splitLines(string(data), true))
	if quoted {
		data = []byte(strings.Join(lines, "\n") + "\n")
	}
	blocks := split(lines)
	if one, ok := single(blocks, lines); ok {
		at.fill(&one)
		one.Path, one.FirstLine = name.path, 1
		if err := o.emit(bundle.Member{Origin: one, Size: int64(len(data)), Body: bytes.NewReader(data)}); err != nil {
			return err
		}
		return o.lost(name, b.err)
	}
	for _, bl := range blocks {
		at.fill(&bl.Origin)
		bl.Path, bl.FirstLine = name.path, bl.first+1
		content := bl.text(lines)
		if err := o.emit(bundle.Member{Origin: bl.Origin, Size: int64(len(content)), Body: strings.NewReader(content)}); err != nil {
			return err
		}
	}
	return o.lost(name, b.err)
}

// largest makes a text that is too large to be taken apart of the kind of the largest block among its first lines: a log behind the
// command that printed it, mostly.
func largest(o *schema.Origin, lines []string) {
	most := 0
	for _, b := range split(lines) {
		if n := b.last - b.first; n > most && (b.Kind != schema.KindProse || o.Kind == schema.KindUnknown) {
			*o, most = b.Origin, n
		}
	}
}

// single says whether the blocks are one, which is the whole text; or nothing that is known, which is one too.
func single(blocks []block, lines []string) (schema.Origin, bool) {
	if len(blocks) == 0 {
		return schema.Origin{Kind: schema.KindEmpty}, true
	}
	b := blocks[0]
	if len(blocks) > 1 || b.prompted || b.indent > 0 || b.framed(lines) {
		return schema.Origin{}, false
	}
	for _, l := range lines[:b.first] {
		if strings.TrimSpace(l) != "" {
			return schema.Origin{}, false // a fence
		}
	}
	return b.Origin, true
}

// framed says whether a table stands in the frame of a text screen.
func (b block) framed(lines []string) bool {
	return b.Kind == schema.KindTable && b.last > b.first && strings.HasPrefix(strings.TrimSpace(lines[b.first]), "│")
}

// text is the block's lines, without the blanks that all of them have in front and without a screen's frame.
func (b block) text(lines []string) string {
	var out strings.Builder
	framed := b.framed(lines)
	for _, l := range lines[b.first:b.last] {
		if b.indent > 0 {
			l = l[min(b.indent, len(l)):]
		}
		if framed {
			l = unframe(strings.TrimSpace(l))
		}
		out.WriteString(l)
		out.WriteByte('\n')
	}
	return out.String()
}

// splitLines parts a text at its line ends; a last line that is cut off by the end of what was read is left out unless whole.
func splitLines(text string, whole bool) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	if last := len(lines) - 1; lines[last] == "" || !whole && last > 0 {
		lines = lines[:last]
	}
	return lines
}
