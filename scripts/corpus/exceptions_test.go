package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestStaleExceptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "exceptions.txt")
	text := `# head
l2-v1-s1-001 still differs
l2-v1-s1-002 agrees by now
l2-v1-s1-999 never was
l2-v1-s2-001 of a set that is not here
assign-v1-s1-001 one chance
assign-v1-s1-002 an old chance
`
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	e, err := readExceptions(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"l2-v1-s1-001", "l2-v1-s1-002", "assign-v1-s1-001", "assign-v1-s1-002", "assign-v1-s1-003"} {
		e.compared(id)
	}
	if why := e.explained("l2-v1-s1-001"); why != "still differs" {
		t.Errorf("explained by %q", why)
	}
	e.byChance("assign-v1-s1-001", "one chance")
	e.byChance("assign-v1-s1-002", "a new chance")
	if why := e.byChance("assign-v1-s1-003", "not listed"); why != "" {
		t.Errorf("explained by %q", why)
	}
	want := []string{"l2-v1-s1-002 agrees", "l2-v1-s1-999 is none of its set",
		`assign-v1-s1-002 is explained by "a new chance", and listed with "an old chance"`}
	if got := e.stale(); !slices.Equal(got, want) {
		t.Errorf("stale: %q, want %q", got, want)
	}
	if err := e.write(); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fresh := `# head
assign-v1-s1-001 one chance
assign-v1-s1-002 a new chance
assign-v1-s1-003 not listed
l2-v1-s1-001 still differs
l2-v1-s2-001 of a set that is not here
`
	if string(again) != fresh {
		t.Errorf("written:\n%swant:\n%s", again, fresh)
	}
}
