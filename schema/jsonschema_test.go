package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// published are the schemas with the type that each describes.
var published = []struct {
	name string
	text []byte
	root any
}{
	{"header.schema.json", HeaderSchema, Header{}},
	{"trailer.schema.json", TrailerSchema, Trailer{}},
	{"report.schema.json", ReportSchema, Report{}},
}

// words are the types whose values are a fixed list.
var words = map[reflect.Type][]string{
	reflect.TypeFor[Phase]():      texts(Phases),
	reflect.TypeFor[State]():      {"ok", "failed", "degraded", "unknown", "unused"},
	reflect.TypeFor[Verdict]():    texts([]Verdict{VerdictOK, VerdictIll, VerdictUnknown}),
	reflect.TypeFor[Severity]():   texts([]Severity{Error, Warning, Info}),
	reflect.TypeFor[Confidence](): texts([]Confidence{Proven, Reported, Likely}),
	reflect.TypeFor[Mode]():       texts([]Mode{ModeL2, ModeNative, ModeFRR, ModeFRRK8s, ModeUnknown}),
	reflect.TypeFor[Status]():     texts(Statuses),
}

func texts[T ~string](list []T) []string {
	var out []string
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

// compiled compiles a schema as a reader would; a malformed one fails the test.
func compiled(t *testing.T, name string, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// node is the part of a JSON Schema that the comparison with a Go type needs.
type node struct {
	Ref        string          `json:"$ref"`
	Type       string          `json:"type"`
	Const      any             `json:"const"`
	Enum       []string        `json:"enum"`
	AnyOf      []node          `json:"anyOf"`
	Properties map[string]node `json:"properties"`
	Required   []string        `json:"required"`
	Items      *node           `json:"items"`
	Additional *node           `json:"additionalProperties"`
	Defs       map[string]node `json:"$defs"`
}

func TestSchemasSayWhatTheTypesSay(t *testing.T) {
	for _, p := range published {
		t.Run(p.name, func(t *testing.T) {
			var root node
			if err := json.Unmarshal(p.text, &root); err != nil {
				t.Fatal(err)
			}
			used := map[string]bool{}
			compare(t, "", reflect.TypeOf(p.root), root, root.Defs, used)
			for name := range root.Defs {
				if !used[name] {
					t.Errorf("$defs/%s: nothing refers to it", name)
				}
			}
		})
	}
}

// compare walks a type and its schema side by side.
func compare(t *testing.T, at string, typ reflect.Type, n node, defs map[string]node, used map[string]bool) {
	t.Helper()
	if n.Ref != "" {
		name := strings.TrimPrefix(n.Ref, "#/$defs/")
		used[name] = true
		if typ.Kind() == reflect.Struct && name != typ.Name() {
			t.Errorf("%s: refers to %s, the type is %s", at, name, typ.Name())
		}
		n = defs[name]
	}
	if list, ok := words[typ]; ok {
		got := slices.DeleteFunc(slices.Clone(n.Enum), func(s string) bool { return s == "" })
		if !slices.Equal(got, list) {
			t.Errorf("%s: enum %q, the constants are %q", at, got, list)
		}
		return
	}
	if typ == reflect.TypeFor[Time]() {
		if len(n.AnyOf) != 2 {
			t.Errorf("%s: not the schema of a time", at)
		}
		return
	}
	want := map[reflect.Kind]string{
		reflect.String: "string", reflect.Int: "integer", reflect.Int64: "integer", reflect.Bool: "boolean",
		reflect.Slice: "array", reflect.Map: "object", reflect.Struct: "object",
	}[typ.Kind()]
	if n.Const == nil && n.Enum == nil && n.Type != want {
		t.Errorf("%s: type %q, want %q", at, n.Type, want)
	}
	switch typ.Kind() {
	case reflect.Slice:
		compare(t, at+"[]", typ.Elem(), *n.Items, defs, used)
	case reflect.Map:
		compare(t, at+"{}", typ.Elem(), *n.Additional, defs, used)
	case reflect.Struct:
		compareFields(t, at, typ, n, defs, used)
	}
}

func compareFields(t *testing.T, at string, typ reflect.Type, n node, defs map[string]node, used map[string]bool) {
	t.Helper()
	var required []string
	seen := map[string]bool{}
	for i := range typ.NumField() {
		name, option, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		seen[name] = true
		if option != "omitempty" {
			required = append(required, name)
		}
		property, ok := n.Properties[name]
		if !ok {
			t.Errorf("%s.%s: missing in the schema", at, name)
			continue
		}
		compare(t, at+"."+name, typ.Field(i).Type, property, defs, used)
	}
	for name := range n.Properties {
		if !seen[name] {
			t.Errorf("%s.%s: missing in the type %s", at, name, typ.Name())
		}
	}
	got := slices.Clone(n.Required)
	slices.Sort(got)
	slices.Sort(required)
	if !slices.Equal(got, required) {
		t.Errorf("%s: required %q, want %q", at, got, required)
	}
}

// TestSamples holds the files in testdata against the schemas: KIND-NAME.json must be valid, KIND-bad-NAME.json must not.
func TestSamples(t *testing.T) {
	for _, p := range published {
		kind, _, _ := strings.Cut(p.name, ".")
		s := compiled(t, p.name, p.text)
		files, err := filepath.Glob(filepath.Join("testdata", kind+"-*.json"))
		if err != nil || len(files) < 2 {
			t.Fatalf("%s: %d samples, %v", kind, len(files), err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !json.Valid(data) {
					t.Fatal("no JSON")
				}
				err = validate(s, data)
				bad := strings.HasPrefix(filepath.Base(file), kind+"-bad-")
				if bad && err == nil {
					t.Error("is valid, should not be")
				}
				if !bad && err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func validate(s *jsonschema.Schema, data []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// TestGoodSamplesSurviveTheTypes reads each good sample into its type and writes it again: no field may be lost on the way,
// but those that a reader is told to ignore.
func TestGoodSamplesSurviveTheTypes(t *testing.T) {
	for _, p := range published {
		kind, _, _ := strings.Cut(p.name, ".")
		files, _ := filepath.Glob(filepath.Join("testdata", kind+"-*.json"))
		for _, file := range files {
			if strings.Contains(file, "-bad-") || strings.Contains(file, "-later") {
				continue
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			value := reflect.New(reflect.TypeOf(p.root)).Interface()
			if err := json.Unmarshal(data, value); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			again, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			var before, after any
			json.Unmarshal(data, &before)
			json.Unmarshal(again, &after)
			if !reflect.DeepEqual(before, after) {
				t.Errorf("%s changed:\n%s\n%s", file, data, again)
			}
		}
	}
}

func TestNormalizedEmptyValuesAreValid(t *testing.T) {
	report := Report{Format: ReportFormat, Version: ReportVersion, Source: Source{Kind: "loose"}, Cluster: Cluster{MetalLB: MetalLB{Mode: ModeUnknown}},
		Services: []Service{{Name: "web", Verdict: VerdictUnknown, Phases: []PhaseState{{Phase: L2, State: StateUnknown}}}},
		Unknowns: []Unknown{{}}, Timeline: []Moment{{}}}
	s := compiled(t, "report.schema.json", ReportSchema)
	data, _ := json.Marshal(report)
	if validate(s, data) == nil {
		t.Error("a report with lists that are null is valid before Normalize")
	}
	report.Normalize()
	data, _ = json.Marshal(report)
	if err := validate(s, data); err != nil {
		t.Error(err)
	}
	if bytes.Contains(data, []byte("null")) {
		t.Errorf("null in %s", data)
	}

	trailer := Trailer{Format: BundleFormat, Version: BundleVersion}
	trailer.Normalize()
	trailer.Digest = trailer.Sum()
	data, _ = json.Marshal(trailer)
	if err := validate(compiled(t, "trailer.schema.json", TrailerSchema), data); err != nil {
		t.Error(err)
	}
}

// TestNormalizeKnowsEveryList fills nothing and looks for a list that Normalize forgot, wherever the types have one.
func TestNormalizeKnowsEveryList(t *testing.T) {
	r := Report{Services: []Service{{Phases: []PhaseState{{}}}}, Findings: []Finding{{}}, Unknowns: []Unknown{{}},
		Timeline: []Moment{{}}, Members: []MemberIn{{}}}
	r.Normalize()
	noNil(t, "report", reflect.ValueOf(r))
	var trailer Trailer
	trailer.Normalize()
	noNil(t, "trailer", reflect.ValueOf(trailer))
}

func noNil(t *testing.T, at string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			t.Errorf("%s is nil", at)
		}
		for i := range v.Len() {
			noNil(t, at+"[]", v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Time]() {
			return
		}
		for i := range v.NumField() {
			noNil(t, at+"."+v.Type().Field(i).Name, v.Field(i))
		}
	}
}

func TestDigestDependsOnOrderSizeAndPath(t *testing.T) {
	a := MemberEntry{Path: "objects/core/services/default.yaml", Size: 3, SHA256: strings.Repeat("a", 64)}
	b := MemberEntry{Path: "attached/note.txt", Size: 4, SHA256: strings.Repeat("b", 64)}
	sums := map[string]bool{}
	c := a
	c.Size = 33
	for _, list := range [][]MemberEntry{{}, {a}, {a, b}, {b, a}, {c, b}} {
		trailer := Trailer{Members: list}
		sums[trailer.Sum()] = true
	}
	if len(sums) != 5 {
		t.Errorf("%d digests of 5 lists", len(sums))
	}
	trailer := Trailer{Members: []MemberEntry{a}}
	// printf '%s 3 objects/core/services/default.yaml\n' aaaa… | sha256sum
	if got, want := trailer.Sum(), "2a0235b068d69d8455fa6cc81895ca8720386648255f0737a9319c172d2c5502"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestParametersTakeWhatIsNoString(t *testing.T) {
	var h Header
	if err := json.Unmarshal([]byte(`{"parameters": {"since": "2h", "limit": 5, "service": ["a/b"]}, "later": {}}`), &h); err != nil {
		t.Fatal(err)
	}
	want := Parameters{"since": "2h", "limit": "5", "service": `["a/b"]`}
	if !reflect.DeepEqual(h.Params, want) {
		t.Errorf("%v, want %v", h.Params, want)
	}
}
