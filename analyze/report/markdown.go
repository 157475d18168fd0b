package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// MarkdownMax is what GitHub takes as the text of an issue, in characters.
const MarkdownMax = 65536

// Markdown writes the report to be pasted into a GitHub issue: the fields of MetalLB's bug form as far as they are known, the
// findings with their evidence in folded blocks. It stays below MarkdownMax characters, counted as bytes to be safe: evidence goes
// first, then ill Services and findings from the last.
func Markdown(w io.Writer, r *schema.Report) error {
	text := ""
	for _, quotes := range []int{6, 3, 1, 0} {
		if text = markdown(r, quotes, len(r.Services), len(r.Findings)); len(text) < MarkdownMax {
			break
		}
	}
	for n := 64; n > 0 && len(text) >= MarkdownMax; n /= 2 {
		text = markdown(r, 0, n, n)
	}
	if len(text) >= MarkdownMax { // a single text is as long
		const end = "\n\n(cut here: the text and JSON reports have the rest)\n"
		text = strings.ToValidUTF8(text[:MarkdownMax-len(end)-1], "") + end
	}
	_, err := io.WriteString(w, text)
	return err
}

func markdown(r *schema.Report, quotes, services, findings int) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "### %s\n\n", escape(r.Summary))
	m := r.Cluster.MetalLB
	b.WriteString("| | |\n|---|---|\n")
	row := func(name, value string) { fmt.Fprintf(&b, "| %s | %s |\n", name, cell(value)) }
	row("MetalLB version", known(m.Version))
	row("Deployment method", known(m.Install))
	row("Mode", known(string(m.Mode)))
	row("Main CNI", known(r.Cluster.CNI))
	row("kube-proxy", known(r.Cluster.KubeProxy))
	row("Kubernetes version", known(r.Cluster.Kubernetes))
	row("Nodes", known(fmt.Sprint(r.Cluster.Nodes)))
	b.WriteString("\n")
	byID := map[string]schema.Finding{}
	for _, f := range r.Findings {
		byID[f.ID] = f
	}
	told := map[string]bool{}
	shown := 0
	for _, s := range r.Services {
		if s.Verdict != schema.VerdictIll {
			continue
		}
		if shown++; shown > services {
			continue
		}
		fmt.Fprintf(&b, "#### %s\n\n%s\n\n", escape(s.Sentence), ladderCells(s))
		for _, id := range s.Findings {
			if f, ok := byID[id]; ok && !told[id] && len(told) < findings {
				told[id] = true
				markdownFinding(&b, f, quotes)
			}
		}
	}
	if shown > services {
		fmt.Fprintf(&b, "%d more Services are ill; the JSON report has them.\n\n", shown-services)
	}
	rest := 0
	for _, f := range r.Findings {
		if told[f.ID] || len(f.Because) > 0 {
			continue
		}
		if len(told) >= findings {
			rest++
			continue
		}
		told[f.ID] = true
		markdownFinding(&b, f, quotes)
	}
	if rest > 0 {
		fmt.Fprintf(&b, "%d more findings; the JSON report has them.\n\n", rest)
	}
	markdownEnd(&b, r, services)
	return b.String()
}

func markdownFinding(b *bytes.Buffer, f schema.Finding, quotes int) {
	fmt.Fprintf(b, "**%s %s** (`%s`, %s, %s)\n\n", f.Code, escape(f.Title), f.Cause, f.Severity, f.Confidence)
	for _, x := range [][2]string{{"should", f.Should}, {"is", f.Is}, {"remedy", f.Remedy}} {
		if x[1] != "" {
			fmt.Fprintf(b, "- %s: %s\n", x[0], escape(strings.ReplaceAll(x[1], "\n", " ")))
		}
	}
	b.WriteString("\n")
	if quotes == 0 || len(f.Evidence) == 0 {
		return
	}
	fmt.Fprintf(b, "<details><summary>evidence</summary>\n\n````\n")
	for i, e := range f.Evidence {
		if i == quotes {
			fmt.Fprintf(b, "and %s\n", Count(len(f.Evidence)-i, "more place"))
			break
		}
		fmt.Fprintf(b, "%s\n", fenced(Place(e)))
		for _, l := range strings.Split(e.Quote, "\n") {
			fmt.Fprintf(b, "  %s\n", fenced(l))
		}
	}
	b.WriteString("````\n\n</details>\n\n")
}

func ladderCells(s schema.Service) string {
	var parts []string
	for _, st := range s.Phases {
		word := fmt.Sprintf("%s %s", st.Phase, st.State)
		if st.State == schema.StateFailed || st.State == schema.StateDegraded {
			word = "**" + word + "**"
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, " → ")
}

func markdownEnd(b *bytes.Buffer, r *schema.Report, services int) {
	if len(r.Unknowns) > 0 {
		b.WriteString("#### Not known\n\n")
		for i, u := range r.Unknowns {
			if i == max(services, 8) {
				fmt.Fprintf(b, "- and %d more\n", len(r.Unknowns)-i)
				break
			}
			fmt.Fprintf(b, "- %s %s. To get it: `%s`\n", escape(u.Question), escape(u.Why), strings.ReplaceAll(cleanLines(u.How), "`", "'"))
		}
		b.WriteString("\n")
	}
	var fine []string
	for _, s := range r.Services {
		if s.Verdict == schema.VerdictOK && len(fine) < services {
			fine = append(fine, escape(s.Key()))
		}
	}
	if len(fine) > 0 {
		fmt.Fprintf(b, "Nothing wrong as far as the evidence reaches: %s.\n\n", strings.Join(fine, ", "))
	}
	fmt.Fprintf(b, "<sub>%s %s, %s of %s</sub>\n", r.Tool.Name, r.Tool.Version, Count(r.Source.Members, "member"), escape(r.Source.Name))
}

func known(s string) string {
	if s == "" || s == "unknown" || s == "0" {
		return "not known"
	}
	return s
}

// marks are what Markdown, HTML and mentions begin with.
var marks = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "<", "&lt;", "[", "\\[", "|", "\\|", "@", "@\u200b", "#", "\\#")

// escape keeps attached text from becoming Markdown or HTML, and from mentioning people.
func escape(s string) string { return marks.Replace(cleanLines(s)) }

func cell(s string) string { return escape(s) }

// cleanLines makes a text of several lines one, and clean.
func cleanLines(s string) string { return Clean(strings.ReplaceAll(s, "\n", " ")) }

// fenced keeps a line from ending the fence around it.
func fenced(s string) string { return strings.ReplaceAll(Clean(s), "````", "'''") }
