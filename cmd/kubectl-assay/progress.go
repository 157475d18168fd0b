package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/metallb-assay/assay/analyze/report"
	"github.com/metallb-assay/assay/cmd/internal/program"
	"github.com/metallb-assay/assay/collect"
)

// progress shows how a collection goes: as a bar on a terminal, as a line a step elsewhere.
type progress struct {
	mu      sync.Mutex
	w       io.Writer
	quiet   bool
	bar     *progressbar.ProgressBar    // nil where w is no terminal
	running map[*collect.Step]time.Time // since when
	done    int
	total   int
	ticker  *time.Ticker
}

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, quiet: quiet, running: map[*collect.Step]time.Time{}}
	if quiet || !program.IsTerminal(w) {
		return p
	}
	p.bar = progressbar.NewOptions(1, progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetDescription("asking the cluster what it has"))
	p.ticker = time.NewTicker(time.Second)
	go func() {
		for range p.ticker.C {
			p.waiting()
		}
	}()
	return p
}

// event is told of each step that begins or ends.
func (p *progress) event(e collect.Event) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	if e.Ended == nil {
		p.running[e.Step] = time.Now()
	} else {
		delete(p.running, e.Step)
	}
	p.done, p.total = e.Done, e.Total
	p.mu.Unlock()
	switch {
	case p.bar != nil:
		p.bar.ChangeMax(e.Total + 1) // a bar that is full has ended, and more steps may follow from those that are done
		_ = p.bar.Set(e.Done)
		p.waiting()
	case e.Ended != nil:
		fmt.Fprintf(p.w, "%s: %d/%d %s: %s\n", called, e.Done, e.Total, report.Clean(e.Step.Name), ending(e))
	}
}

// ending says how a step ended.
func ending(e collect.Event) string {
	text := string(e.Ended.Status)
	if took := time.Duration(e.Ended.DurationMS) * time.Millisecond; took >= time.Second {
		text += fmt.Sprintf(" after %s", took.Round(100*time.Millisecond))
	}
	if e.Ended.Error != "" {
		text += ": " + report.Clean(e.Ended.Error)
	}
	return text
}

// waiting names the step that has been running for longest.
func (p *progress) waiting() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var longest *collect.Step
	var since time.Time
	for step, began := range p.running {
		if longest == nil || began.Before(since) || began.Equal(since) && step.Name < longest.Name {
			longest, since = step, began
		}
	}
	if longest == nil {
		return
	}
	text := fmt.Sprintf("%d of %d steps: %s", p.done, p.total, short(report.Clean(longest.Does)))
	if took := time.Since(since); took >= 2*time.Second {
		text += fmt.Sprintf(", %s", took.Round(time.Second))
	}
	if n := len(p.running); n > 1 {
		text += fmt.Sprintf(", and %d more", n-1)
	}
	p.bar.Describe(text)
}

// short keeps a line of the bar on one line of a terminal.
func short(text string) string {
	const longest = 40
	if letters := []rune(text); len(letters) > longest {
		return string(letters[:longest]) + "..."
	}
	return text
}

// clear takes the bar off the terminal, for something else to be said.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// end ends the telling.
func (p *progress) end() {
	if p.bar != nil {
		p.ticker.Stop()
		_ = p.bar.Finish()
		_ = p.bar.Clear()
	}
}
