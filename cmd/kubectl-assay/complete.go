package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// completer is the name under which kubectl asks for completions (v1.26 and later): a link to this program.
const completer = "kubectl_complete-assay"

// complete answers kubectl: its last argument is the word to complete. The last line says that the shell may complete file names
// where nothing else fits.
func complete(args []string, w io.Writer) {
	word := ""
	asked := []string{binary}
	if n := len(args); n > 1 {
		word = args[n-1]
		asked = append(asked, args[1:n-1]...)
	}
	if strings.HasPrefix(word, "-") {
		asked = append(asked, "-") // all flags; an unfinished one is refused
	}
	asked = append(asked, "--generate-bash-completion")
	os.Args = asked // the library looks there for the word
	var out bytes.Buffer
	_, _ = plugin.Run(asked, strings.NewReader(""), &out, io.Discard)
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, word) {
			io.WriteString(w, line)
		}
	}
	fmt.Fprintln(w, ":0")
}
