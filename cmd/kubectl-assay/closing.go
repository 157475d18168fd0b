package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/analyze/report"
	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/cmd/internal/program"
	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/schema"
)

// How much is told at the end: a screen, not a wall.
const (
	shownGroups = 8  // groups of steps that are missing
	shownSteps  = 3  // of a group
	shownThings = 8  // of a group whose steps lack permissions
	shownLines  = 12 // of the analysis
)

// closing is what a collection says when it ends.
type closing struct {
	w      io.Writer
	call   program.Call
	result *collect.Result
	file   string // "" for standard output
	size   int64
}

func (e *closing) tell(ctx context.Context, analyzed bool) {
	name := e.file
	if name == "" {
		name = "standard output"
	}
	complete := 0
	for _, s := range e.result.Steps {
		if s.Status.Complete() {
			complete++
		}
	}
	fmt.Fprintf(e.w, "%s: %s; %d of %s complete\n", name, bytesText(e.size), complete, report.Count(len(e.result.Steps), "step"))
	groups := missing(e.result.Steps)
	e.groups(groups)
	if e.size > collect.GitHubBytes {
		fmt.Fprintf(e.w, "It is larger than what GitHub takes as an attachment; --for github keeps it below %s.\n", bytesText(collect.GitHubBytes))
	}
	if analyzed {
		e.analysis(context.WithoutCancel(ctx)) // after Ctrl-C too
	}
	e.next(groups)
	for _, u := range e.result.Unrestored {
		fmt.Fprintf(e.w, "%s: not put back: %s\n", called, report.Clean(u))
	}
}

// group is steps that ended with the same status for the same reason.
type group struct {
	status schema.Status
	why    string
	things []string // that the reason is about, each once; nil where why says all
	steps  []string
}

// missing groups the steps that did not bring everything, those first that were not left out on purpose.
func missing(steps []schema.Step) []group {
	var all []*group
	index := map[[2]string]*group{}
	for _, s := range steps {
		if s.Status.Complete() {
			continue
		}
		why, thing := refused(reason(s))
		key := [2]string{string(s.Status), why}
		g := index[key]
		if g == nil {
			g = &group{status: s.Status, why: why}
			index[key] = g
			all = append(all, g)
		}
		g.steps = append(g.steps, s.Name)
		if thing != "" && !slices.Contains(g.things, thing) {
			g.things = append(g.things, thing)
		}
	}
	slices.SortStableFunc(all, func(a, b *group) int {
		if skipped := (a.status == schema.StatusSkipped); skipped != (b.status == schema.StatusSkipped) {
			if skipped {
				return 1
			}
			return -1
		}
		return cmp.Compare(len(b.steps), len(a.steps))
	})
	groups := make([]group, len(all))
	for i, g := range all {
		groups[i] = *g
	}
	return groups
}

// mayNot begins the reason of a step for which a permission is missing.
const mayNot = "the caller may not"

// refused takes the permission out of a reason: a screen has no room for one line each.
func refused(why string) (reason, thing string) {
	if thing, ok := strings.CutPrefix(why, mayNot+" "); ok && !strings.Contains(thing, ",") {
		return mayNot, thing
	}
	return why, ""
}

// reason is why a step ended as it did, with its own names taken out, so that the same reason is the same text.
func reason(s schema.Step) string {
	why := s.Error
	for _, n := range []struct{ name, word string }{{s.Pod, "POD"}, {s.Node, "NODE"}} {
		if len(n.name) > 2 {
			why = strings.ReplaceAll(why, n.name, n.word)
		}
	}
	// a container's name is often that of something else, too
	for _, before := range []string{"POD/", "container ", `container "`, "-c "} {
		if s.Container != "" {
			why = strings.ReplaceAll(why, before+s.Container, before+"CONTAINER")
		}
	}
	if why == "" {
		return "no reason is known"
	}
	return report.Clean(strings.Join(strings.Fields(why), " "))
}

func (e *closing) groups(groups []group) {
	if len(groups) == 0 {
		return
	}
	fmt.Fprintln(e.w, "\nmissing")
	for i, g := range groups {
		if i == shownGroups {
			fmt.Fprintf(e.w, "  and %d more reasons; the trailer of the file has all\n", len(groups)-i)
			break
		}
		fmt.Fprintf(e.w, "  %s, %s: %s\n", g.status, report.Count(len(g.steps), "step"), g.why)
		if g.things == nil {
			fmt.Fprintf(e.w, "    %s\n", some(g.steps, shownSteps))
			continue
		}
		fmt.Fprintf(e.w, "    %s\n", some(g.things, shownThings))
	}
}

// some names the first of several.
func some(names []string, shown int) string {
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if n := len(names) - shown; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return report.Clean(text)
}

// analysis prints how the report of the bundle begins.
func (e *closing) analysis(ctx context.Context) {
	src, err := foreign.OpenAll([]string{e.file}, strings.NewReader(""), foreign.Options{})
	var r *schema.Report
	if err == nil {
		r, err = analyze.Analyze(ctx, src, analyze.Options{Tool: schema.Tool{Name: "assay", Version: program.Version()}})
	}
	var text bytes.Buffer
	if err == nil {
		err = report.Text(&text, r, program.StyleOf(e.w))
	}
	if err != nil {
		fmt.Fprintf(e.w, "\nIt could not be analyzed: %s\n", report.Clean(err.Error()))
		return
	}
	fmt.Fprintln(e.w)
	n := 0
	for line := range strings.Lines(text.String()) {
		if n++; n > shownLines {
			fmt.Fprintln(e.w, "...")
			return
		}
		io.WriteString(e.w, line)
	}
}

// next says what to type now.
func (e *closing) next(groups []group) {
	var lines []string
	if slices.ContainsFunc(groups, byRole) {
		lines = append(lines, called+" plan -o yaml   # the roles that allow what was refused")
	}
	if e.file != "" {
		lines = append(lines, called+" analyze "+quoted(e.file))
	}
	if len(lines) > 0 {
		fmt.Fprintf(e.w, "\nnext\n  %s\n", strings.Join(lines, "\n  "))
	}
}

// byRole says that the API server refused what a role would allow, and not a pod.
func byRole(g group) bool {
	return g.status == schema.StatusForbidden && (strings.HasPrefix(g.why, mayNot) || strings.Contains(g.why, "the permission to"))
}

// quoted is a file's name as a shell takes it.
func quoted(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return strings.ContainsRune(" \t'\"\\$`&|;<>()*?[]#~!{}", r) }) {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

// bytesText is a size as people read it, in units of a thousand, as GitHub counts.
func bytesText(n int64) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return report.Count(int(n), "byte")
}
