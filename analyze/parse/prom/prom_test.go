package prom

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	observed "github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func read(text string) ([]observed.Metric, observed.MemberSeen) {
	var out observed.Observations
	seen := Parse(schema.Origin{Path: "m.prom", Kind: schema.KindMetrics}, 0, strings.NewReader(text), &out)
	return out.Metrics, seen
}

func page(t testing.TB) string {
	text, err := os.ReadFile("testdata/speaker.prom")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAgreesWithThePrometheusLibrary compares name, labels and value of each sample with what expfmt reads.
func TestAgreesWithThePrometheusLibrary(t *testing.T) {
	text := page(t)
	got, _ := read(text)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for name, f := range families {
		if !isWanted(name) {
			continue
		}
		for _, m := range f.GetMetric() {
			want++
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			value := m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()
			if !has(got, name, labels, value) {
				t.Errorf("%s %v %v was not read", name, labels, value)
			}
		}
	}
	if len(got) != want {
		t.Errorf("read %d samples, want %d", len(got), want)
	}
}

func has(list []observed.Metric, name string, labels map[string]string, value float64) bool {
	for _, m := range list {
		same := m.Name == name && m.Value == value && len(m.Labels) == len(labels)
		for k, v := range labels {
			same = same && m.Labels[k] == v
		}
		if same {
			return true
		}
	}
	return false
}

func TestEvidenceIsTheSamplesLine(t *testing.T) {
	text := page(t)
	all := strings.Split(text, "\n")
	got, seen := read(text)
	for _, m := range got {
		if !strings.HasPrefix(all[m.Src.Line-1], m.Name) || m.Src.Quote != all[m.Src.Line-1] {
			t.Errorf("%s: line %d %q", m.Name, m.Src.Line, m.Src.Quote)
		}
	}
	if seen.Read != "whole" || seen.Taken != 7 || seen.Unread != 0 {
		t.Errorf("%+v", seen)
	}
}

func TestCutAndCRLFPagesGiveWhatStandsBefore(t *testing.T) {
	text := page(t)
	whole, _ := read(text)
	crlf, _ := read(strings.ReplaceAll(text, "\n", "\r\n"))
	if len(crlf) != len(whole) {
		t.Errorf("CRLF: %d samples, want %d", len(crlf), len(whole))
	}
	cut := text[:strings.Index(text, `protocol="layer2"`)]
	got, seen := read(cut)
	if len(got) != 3 || seen.Read != "part" || seen.Unread != 1 {
		t.Errorf("cut: %d samples, %+v", len(got), seen)
	}
}

func TestNoSamples(t *testing.T) {
	for _, s := range []string{"metallb_x", "metallb_x{", `metallb_x{a="b"}`, `metallb_x{a=b} 1`, "metallb_x one", "metallb_x 1 2 3", "curl: (7) refused", `{"a": 1}`} {
		if got, _ := read(s); len(got) != 0 {
			t.Errorf("%q was read as %+v", s, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(page(f)))
	f.Add([]byte(`metallb_speaker_announced{ip="198.51.100.10",service="a\n\"b"} NaN 12 # {trace="1"} 1`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var out observed.Observations
		Parse(schema.Origin{}, 0, bytes.NewReader(text), &out)
	})
}
