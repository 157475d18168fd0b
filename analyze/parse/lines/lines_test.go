package lines_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// scan writes each line as NUMBER TIME NAMESPACE/POD/CONTAINER TEXT.
func scan(w schema.Wrap, text string) []string {
	s := lines.New(schema.Origin{Path: "x", Wrap: w}, strings.NewReader(text))
	var all []string
	for s.Scan() {
		at := ""
		if t := s.Time(); !t.IsZero() {
			at = t.UTC().Format(time.RFC3339Nano)
		}
		ns, pod, container := s.Pod()
		all = append(all, fmt.Sprintf("%d [%s] %s/%s/%s %s", s.Number(), at, ns, pod, container, s.Text()))
	}
	return all
}

func TestUnwrap(t *testing.T) {
	tests := []struct {
		name string
		wrap schema.Wrap
		text string
		want []string
	}{
		{"plain", schema.WrapNone, "a\r\nb\n\nc", []string{"1 [] // a", "2 [] // b", "3 [] // ", "4 [] // c"}},
		{"timestamps", schema.WrapTimestamps, "2026-11-24T14:24:42.790342739Z {\"a\":1}\n2026-11-24T14:24:42Z \nno time\n2026-11-24 x\n2026-11-24T14:24:43+01:00 y\n",
			[]string{`1 [2026-11-24T14:24:42.790342739Z] // {"a":1}`, "2 [2026-11-24T14:24:42Z] // ", "3 [] // no time", "4 [] // 2026-11-24 x", "5 [2026-11-24T13:24:43Z] // y"}},
		{"docker", schema.WrapDocker, `{"log":"{\"a\":\"b\\n\"}\n","stream":"stdout","time":"2021-05-11T13:26:30.5Z"}` + "\n" + `{"log":"half","stream":"stderr","time":"2021-05-11T13:26:31Z"}` + "\n" +
			`{"log":"other\n","stream":"stdout","time":"2021-05-11T13:26:32Z"}` + "\n" + `{"stream":"stderr","log":" whole\n","time":"2021-05-11T13:26:33Z"}` + "\nno wrapper\n{\"level\":\"info\"}\n",
			[]string{`1 [2021-05-11T13:26:30.5Z] // {"a":"b\n"}`, "3 [2021-05-11T13:26:32Z] // other", "2 [2021-05-11T13:26:31Z] // half whole", "5 [] // no wrapper", `6 [] // {"level":"info"}`}},
		{"cri", schema.WrapCRI, "2023-11-04T21:15:31.335700653+01:00 stdout F {\"a\":1}\n2023-11-04T21:15:32+01:00 stderr P one \n2023-11-04T21:15:33+01:00 stderr F two\n2023-11-04T21:15:34+01:00 stdout F \nloose\n2023-11-04T21:15:35+01:00 stdout P cut",
			[]string{`1 [2023-11-04T20:15:31.335700653Z] // {"a":1}`, "2 [2023-11-04T20:15:32Z] // one two", "4 [2023-11-04T20:15:34Z] // ", "5 [] // loose", "6 [2023-11-04T20:15:35Z] // cut"}},
		{"prefix", schema.WrapPrefix, "[pod/speaker-a/speaker] x y\n[pod/speaker-a/frr] 2026-11-24T14:24:42Z z\n[other] q\n",
			[]string{"1 [] /speaker-a/speaker x y", "2 [2026-11-24T14:24:42Z] /speaker-a/frr z", "3 [] /speaker-a/frr [other] q"}},
		{"stern", schema.WrapStern, "+ speaker-a › speaker\n\x1b[38;5;81mspeaker-a\x1b[0m \x1b[1mspeaker\x1b[0m {\"a\":1}\nmetallb-system speaker-b frr 2026/11/24 x\nmetallb-system web-1 nginx {\"b\":2}\nspeaker-a › reloader PID is\nsome words that are no wrapper\n",
			[]string{"1 [] // ", `2 [] /speaker-a/speaker {"a":1}`, "3 [] metallb-system/speaker-b/frr 2026/11/24 x", `4 [] metallb-system/web-1/nginx {"b":2}`, "5 [] /speaker-a/reloader PID is", "6 [] /speaker-a/reloader some words that are no wrapper"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := scan(test.wrap, test.text)
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestLongLine(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	s := lines.New(schema.Origin{Path: "x", FirstLine: 10}, strings.NewReader("a\n"+long+"\nb\n"))
	var sizes []int
	for s.Scan() {
		sizes = append(sizes, len(s.Text()))
	}
	if fmt.Sprint(sizes) != fmt.Sprint([]int{1, lines.MaxLine, 1}) || s.Cut != 1 || s.Err() != nil {
		t.Errorf("sizes %v, cut %d, error %v", sizes, s.Cut, s.Err())
	}
	if e := s.Evidence(); e.Line != 12 || e.Quote != "b" {
		t.Errorf("evidence %+v", e)
	}
}

func TestQuote(t *testing.T) {
	raw := strings.Repeat("ä", 300)
	q := lines.Quote([]byte("  " + raw + "  "))
	if !strings.HasSuffix(q, "…") || !strings.HasPrefix(raw, strings.TrimSuffix(q, "…")) {
		t.Errorf("quote %q", q)
	}
	if q := lines.Quote([]byte("\ta b \r")); q != "a b" {
		t.Errorf("quote %q", q)
	}
}

func TestParseStamp(t *testing.T) {
	for _, s := range []string{"2026-11-24T14:24:42Z", "2026-11-24T14:24:42.790342739Z", "2023-11-04T21:15:31.3+01:00", "2023-11-04T21:15:31-08:30"} {
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := lines.ParseStamp([]byte(s)); !ok || !got.Equal(want) {
			t.Errorf("%s: %s, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "2026-13-24T14:24:42Z", "2026-02-30T14:24:42Z", "2026-11-24T14:24:42X", "2026-11-24T25:24:42Z", "20261124T142442Z0000"} {
		if got, ok := lines.ParseStamp([]byte(s)); ok {
			t.Errorf("%s: %s", s, got)
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	f.Add([]byte("[pod/speaker-a/speaker] 2026-11-24T14:24:42Z x\n"), byte(3))
	f.Add([]byte("2023-11-04T21:15:31.335700653+01:00 stderr P x\n2023-11-04T21:15:31.335700653+01:00 stdout F y"), byte(2))
	f.Add([]byte(`{"log":"a\u00e9\ud83d\ude00\n","stream":"stdout","time":"2021-05-11T13:26:30.5Z"}`), byte(1))
	f.Add([]byte("speaker-a speaker {\x1b[1m}\n+ a › b\n"), byte(4))
	wraps := []schema.Wrap{schema.WrapTimestamps, schema.WrapDocker, schema.WrapCRI, schema.WrapPrefix, schema.WrapStern, schema.WrapNone}
	f.Fuzz(func(t *testing.T, data []byte, w byte) {
		s := lines.New(schema.Origin{Path: "x", Wrap: wraps[int(w)%len(wraps)]}, strings.NewReader(string(data)))
		physical := strings.Split(string(data), "\n")
		count := 0
		for s.Scan() {
			count++
			n := s.Number()
			if n < 1 || n > len(physical) {
				t.Fatalf("line %d of %d", n, len(physical))
			}
			if want := strings.TrimRight(physical[n-1], "\r\n"); len(want) < 1000 && string(s.Raw()) != want {
				t.Fatalf("line %d is %q, want %q", n, s.Raw(), want)
			}
			s.Time()
			s.Evidence()
		}
		if count > len(physical) {
			t.Fatalf("%d lines out of %d", count, len(physical))
		}
	})
}
