package jsonlines

import "testing"

func TestParseKeepsLinesOfKeys(t *testing.T) {
	root, ok := Parse([]byte("{\n \"a\":\n  [1,\n   {\"b\": true}],\n \"c\": \"x\\/y\"\n}\nrest"))
	if !ok {
		t.Fatal("not read to its end")
	}
	a := root.Get("a")
	if a.Line != 2 || a.Vals[0].Line != 3 || a.Vals[1].Get("b").Line != 4 || root.Get("c").Line != 5 {
		t.Errorf("lines: a %d, a[0] %d, b %d, c %d", a.Line, a.Vals[0].Line, a.Vals[1].Get("b").Line, root.Get("c").Line)
	}
	if root.Get("c").Str() != "x/y" || a.Vals[0].Int(-1) != 1 || !a.Vals[1].Get("b").Bool() {
		t.Error("values differ")
	}
}

func TestParseCutTextKeepsWhatStandsBefore(t *testing.T) {
	root, ok := Parse([]byte(`{"a": {"b": 1, "c": "un`))
	if ok {
		t.Error("a cut text was called whole")
	}
	if got := root.Get("a").Get("b").Int(-1); got != 1 {
		t.Errorf("b = %d", got)
	}
}

func TestParseOfNoJSON(t *testing.T) {
	for _, s := range []string{"", "% BGP instance not found", "}", "]", "[admin@router] > x"} {
		if root, ok := Parse([]byte(s)); ok && root.Kind == '{' {
			t.Errorf("%q was read as an object", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"192.0.2.1":{"remoteAs":64501,"bgpState":"Idle"}}`))
	f.Add([]byte("[\n {\"peer\":\"192.0.2.1\",\"status\":\"up\"}\n]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if root, _ := Parse(text); root != nil {
			root.Get("a").First("b", "c").Int(0)
		}
	})
}
