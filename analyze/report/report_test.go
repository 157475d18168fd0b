package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/metallb-assay/assay/schema"
)

// reportOf makes a report of n ill Services with a finding each.
func reportOf(n int, text string) *schema.Report {
	r := &schema.Report{Format: schema.ReportFormat, Version: schema.ReportVersion, Tool: schema.Tool{Name: "assay", Version: "test"}, Summary: "shop/web-0: " + text}
	for i := range n {
		id, key := fmt.Sprintf("f%d", i+1), fmt.Sprintf("shop/web-%d", i)
		r.Findings = append(r.Findings, schema.Finding{ID: id, Code: "ML301", Cause: "no-advertisement", Phase: schema.Advertisement, Severity: schema.Error, Confidence: schema.Proven,
			Title: "no advertisement exists", Should: "an advertisement", Is: text, Remedy: "make one", Services: []string{key},
			Evidence: []schema.Evidence{{Member: "metallb.yaml", Line: i + 1, Quote: text}}})
		r.Services = append(r.Services, schema.Service{Namespace: "shop", Name: fmt.Sprintf("web-%d", i), Verdict: schema.VerdictIll, Phase: schema.Advertisement,
			Sentence: key + ": " + text, Findings: []string{id}, Phases: []schema.PhaseState{{Phase: schema.Advertisement, State: schema.StateFailed}}})
		r.Unknowns = append(r.Unknowns, schema.Unknown{Question: "does " + key + " work?", Why: text, Cost: "c", How: "kubectl get svc"})
	}
	r.Normalize()
	return r
}

func TestMarkdownFitsAnIssue(t *testing.T) {
	for name, r := range map[string]*schema.Report{
		"three Services":     reportOf(3, "no speaker announces it"),
		"forty Services":     reportOf(40, "no speaker announces it"),
		"5,000 Services":     reportOf(5000, "no speaker announces it"),
		"5,000 with umlauts": reportOf(5000, strings.Repeat("ü", 100)),
		"one endless text":   reportOf(1, strings.Repeat("ü|", 100_000)),
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Markdown(&b, r); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			if len(text) >= MarkdownMax || !utf8.ValidString(text) {
				t.Errorf("%d bytes, valid UTF-8: %t", len(text), utf8.ValidString(text))
			}
			if !strings.HasPrefix(text, "### shop/web-0: ") {
				t.Errorf("the answer is not first: %.80s", text)
			}
			if n := strings.Count(text, "````"); n%2 != 0 {
				t.Errorf("%d fences: one is open", n)
			}
			if len(r.Services) == 5000 && !strings.Contains(text, "more Services are ill") {
				t.Error("it does not say that Services are left out")
			}
		})
	}
}

// hostile has what could steer a terminal, forge a line, open a fence or mention somebody.
const hostile = "a\x1b[2Jb\x9b31mc\u009bd\re\nall is well\u202eevil ```` @team <img src=x> \u2028"

func TestNothingAttachedSteersATerminal(t *testing.T) {
	r := reportOf(2, strings.ToValidUTF8(hostile, "\uFFFD"))
	r.Source.Name = hostile
	r.Members = append(r.Members, schema.MemberIn{Path: hostile, Read: "not", Why: hostile})
	r.Findings[0].Evidence[0].Member = hostile
	red := func(s string) string { return "\x1b[31m" + s + "\x1b[0m" }
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text": func(b *bytes.Buffer) error { return Text(b, r, Style{}) },
		"coloured": func(b *bytes.Buffer) error {
			return Text(b, r, Style{Bad: red, Warn: red, Good: red, Dim: red, Bold: red})
		},
		"markdown": func(b *bytes.Buffer) error { return Markdown(b, r) },
		"json":     func(b *bytes.Buffer) error { return JSON(b, r) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			text := strings.NewReplacer("\x1b[31m", "", "\x1b[0m", "").Replace(b.String())
			for _, c := range text {
				if c != '\n' && c != '\t' && steers(c) {
					t.Fatalf("%U is passed on in:\n%q", c, text)
				}
			}
			for _, line := range strings.Split(text, "\n") {
				if strings.HasPrefix(line, "all is well") { // a field may have lines of its own, indented
					t.Errorf("a forged line: %q", line)
				}
			}
		})
	}
}

func TestJSONKeepsWhatItEscapes(t *testing.T) {
	want := reportOf(1, "a\u009bb\u202ec\x7fd")
	var b bytes.Buffer
	if err := JSON(&b, want); err != nil {
		t.Fatal(err)
	}
	var got schema.Report
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Findings[0].Is != want.Findings[0].Is {
		t.Errorf("%q came back as %q", want.Findings[0].Is, got.Findings[0].Is)
	}
}

func TestLossesAreToldFirst(t *testing.T) {
	r := reportOf(1, "x")
	r.Source.Cut = true
	for i := range 20 {
		r.Members = append(r.Members, schema.MemberIn{Path: fmt.Sprintf("a%d.log", i), Read: "not", Why: "is a device: it is left out"})
	}
	r.Members = append(r.Members, schema.MemberIn{Path: "photo.png", Kind: schema.KindBinary, Read: "not", Why: "is neither text nor a capture"})
	var b bytes.Buffer
	if err := Text(&b, r, Style{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	want := []string{"shop/web-0: x", "the input is cut: the report covers what was there", "not read: a0.log: is a device: it is left out"}
	for i, w := range want {
		if lines[i] != w {
			t.Errorf("line %d is %q, wanted %q", i+1, lines[i], w)
		}
	}
	if !strings.Contains(b.String(), "and 12 more files or parts that could not be read") {
		t.Errorf("the rest is not counted:\n%s", b.String())
	}
}
