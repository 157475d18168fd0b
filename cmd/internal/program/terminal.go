package program

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/briandowns/spinner"
	"github.com/fatih/color"
	"github.com/mattn/go-isatty"

	"github.com/metallb-assay/assay/analyze/report"
)

// StyleOf colours only a terminal, and not where NO_COLOR is set or TERM is dumb.
func StyleOf(w io.Writer) report.Style {
	if !IsTerminal(w) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return report.Style{}
	}
	paint := func(attrs ...color.Attribute) func(string) string {
		c := color.New(attrs...)
		c.EnableColor()
		return func(s string) string { return c.Sprint(s) }
	}
	return report.Style{Bad: paint(color.FgRed), Warn: paint(color.FgYellow), Good: paint(color.FgGreen), Dim: paint(color.Faint), Bold: paint(color.Bold)}
}

// IsTerminal says that what is written to w is read on a terminal.
func IsTerminal(w io.Writer) bool {
	if o, ok := w.(*output); ok {
		w = o.to
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// progressAfter is how long an analysis may take before anything is said of its progress.
const progressAfter = time.Second

// newProgress returns the function that is told of each member, and one that ends the telling. On a terminal it draws a spinner,
// elsewhere it prints a line every ten seconds.
func newProgress(program string, w io.Writer, quiet bool) (progress func(int, string), done func()) {
	if quiet {
		return nil, func() {}
	}
	var (
		mu     sync.Mutex
		wheel  *spinner.Spinner
		start  = time.Now()
		spoken = start
		tty    = IsTerminal(w)
	)
	progress = func(n int, path string) {
		mu.Lock()
		defer mu.Unlock()
		switch now := time.Now(); {
		case now.Sub(start) < progressAfter:
		case tty:
			if wheel == nil {
				wheel = spinner.New(spinner.CharSets[9], 200*time.Millisecond, spinner.WithWriterFile(w.(*os.File)))
				wheel.Start()
			}
			wheel.Lock()
			wheel.Suffix = fmt.Sprintf(" %d members read, now %s", n, report.Clean(path))
			wheel.Unlock()
		case now.Sub(spoken) >= 10*time.Second:
			spoken = now
			fmt.Fprintf(w, "%s: %d members read, now %s\n", program, n, report.Clean(path))
		}
	}
	return progress, func() {
		mu.Lock()
		defer mu.Unlock()
		if wheel != nil {
			wheel.Stop()
		}
	}
}
