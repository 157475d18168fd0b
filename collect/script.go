package collect

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// One exec into a container runs a script of many commands: connecting costs the cluster more than most commands do. The script
// prints a mark before and behind what each command prints, and the step cuts the output at the marks into members.

// section is the output of one command: from a mark with its member's name to the next mark.
//
//	@@TOKEN begin vtysh/NAMESPACE/POD/show-version.txt
//	...
//	@@TOKEN end 0
const (
	markBegin = " begin "
	markEnd   = " end "
)

// sectionMax is how many bytes of one command's output are kept.
const sectionMax = 8 << 20

// newToken makes marks that no output has by chance, or can know beforehand.
func newToken() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails
	return "@@" + hex.EncodeToString(b)
}

// script is a shell script whose commands' output becomes members. It keeps to what any POSIX shell has of its own.
type script struct {
	token string
	text  strings.Builder
}

func newScript() *script {
	s := &script{token: newToken()}
	// m NAME COMMAND...: runs the command between marks. The line feed in front ends a last line that has none.
	fmt.Fprintf(&s.text, "export LC_ALL=C VTYSH_PAGER=cat COLUMNS=4000\nm() { n=$1; shift; printf '\\n%s begin %%s\\n' \"$n\"; \"$@\" 2>&1; printf '\\n%s end %%s\\n' \"$?\"; }\n", s.token, s.token)
	return s
}

// run adds a command whose output becomes the member; its words are quoted.
func (s *script) run(member string, words ...string) {
	s.text.WriteString("m " + quote(member))
	for _, w := range words {
		s.text.WriteString(" " + quote(w))
	}
	s.text.WriteString("\n")
}

// add adds lines as they are.
func (s *script) add(lines string) { s.text.WriteString(lines) }

func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// into runs the script in a container and writes the members. Commands that the container lacks are told in a note.
func (s *script) into(ctx context.Context, w *Work, c Container) error {
	pr, pw := io.Pipe()
	errs := &limitedText{max: 4 << 10}
	done := make(chan error, 1)
	go func() {
		err := w.Cluster.Exec(ctx, c, []string{"sh", "-c", s.text.String()}, nil, pw, errs)
		pw.CloseWithError(err) // nil gives io.EOF
		done <- err
	}()
	cut := &sections{w: w, token: []byte(s.token)}
	err := cut.read(pr)
	pr.CloseWithError(errors.New("no more is read"))
	if end := <-done; end != nil {
		err = end
	}
	var exit *ExitError
	if errors.As(err, &exit) && cut.members > 0 {
		err = nil // of the last command
	}
	if len(cut.missing) > 0 {
		w.Note("the container does not know %s", strings.Join(cut.missing, ", "))
	}
	if len(cut.failed) > 0 {
		w.Note("failed: %s", strings.Join(cut.failed, ", "))
	}
	if err != nil && errs.Len() > 0 {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(errs.String()))
	}
	return err
}

// sections cuts the output of a script.
type sections struct {
	w       *Work
	token   []byte
	out     io.WriteCloser
	name    string
	size    int64
	blank   bool // a line feed that may be the mark's own is held back
	echo    bool // vtysh prints the command once more, behind its prompt
	members int
	missing []string
	failed  []string
}

func (s *sections) read(r io.Reader) error {
	b := bufio.NewReaderSize(r, 64<<10)
	begins := true
	for {
		line, err := b.ReadSlice('\n')
		if at := bytes.Index(line, s.token); begins && (at == 0 || at > 0 && line[at-1] == '!') {
			if end := s.mark(strings.TrimSuffix(string(line[at+len(s.token):]), "\n"), at > 0); end != nil {
				return end
			}
		} else if s.echo && begins {
			s.echo = false
		} else if end := s.write(line); end != nil {
			return end
		}
		begins = err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if end := s.close(); end != nil {
				return end
			}
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

// mark handles what stands behind the token. Marks of vtysh come behind its prompt.
func (s *sections) mark(text string, prompt bool) error {
	s.echo = prompt
	if code, ok := strings.CutPrefix(text, markEnd); ok {
		n, _ := strconv.Atoi(code)
		switch name := s.name[strings.LastIndexByte(s.name, '/')+1:]; {
		case n == 127:
			// the shell's words are no output of the command
			if s.out != nil {
				path := s.name
				if err := s.close(); err != nil {
					return err
				}
				s.w.members--
				s.members--
				s.w.spool.remove(path)
			}
			s.missing = append(s.missing, strings.TrimSuffix(name, ".txt"))
		case n != 0 && len(s.failed) < 20:
			s.failed = append(s.failed, fmt.Sprintf("%s (status %d)", strings.TrimSuffix(name, ".txt"), n))
		}
		return s.close()
	}
	if err := s.close(); err != nil {
		return err
	}
	name, ok := strings.CutPrefix(text, markBegin)
	if top, _, _ := strings.Cut(name, "/"); !ok || top != "vtysh" && top != "frr" && top != "nodes" {
		return fmt.Errorf("the container printed a mark that the script does not have: %q", text)
	}
	s.name, s.size = name, 0
	return nil
}

// write begins the member with its first byte: a command that prints nothing has none.
func (s *sections) write(line []byte) error {
	if s.name == "" || len(line) == 0 {
		return nil
	}
	if s.out == nil && s.size == 0 && bytes.HasPrefix(line, []byte("% Unknown command")) {
		s.missing = append(s.missing, strings.TrimSuffix(s.name[strings.LastIndexByte(s.name, '/')+1:], ".txt"))
		s.name = ""
		return nil
	}
	if strings.HasSuffix(s.name, vtyshErrors) && greeting(line) {
		return nil
	}
	held := s.blank
	if s.blank = len(line) == 1 && line[0] == '\n'; s.blank && !held {
		return nil
	}
	if s.out == nil {
		out, err := s.w.Create(s.name)
		if err != nil {
			return err
		}
		s.out = out
		s.members++
	}
	if held {
		if _, err := s.out.Write([]byte("\n")); err != nil {
			return err
		}
	}
	if s.size += int64(len(line)); s.size > sectionMax {
		s.w.End(schema.StatusCut)
		s.w.Note("%s was cut at %d MiB", s.name, sectionMax>>20)
		s.name = ""
		return s.out.Close()
	}
	if s.blank {
		return nil
	}
	_, err := s.out.Write(line)
	return err
}

func (s *sections) close() error {
	out := s.out
	s.out, s.name, s.blank = nil, "", false
	if out == nil {
		return nil
	}
	return out.Close()
}

// limitedText keeps the beginning of what is written.
type limitedText struct {
	bytes.Buffer
	max int
}

func (l *limitedText) Write(p []byte) (int, error) {
	if room := l.max - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}
