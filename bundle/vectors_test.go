package bundle

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// outcome is what a vector's .json says of reading NAME.tgz. A reader in another language must agree on Result and Members;
// the words of Losses are this reader's own.
type outcome struct {
	About string `json:"about"`
	// Result is ok (nothing is missing), damaged (something is, the rest is to be read), cut (the end is missing) or
	// refused (nothing may be read).
	Result  string   `json:"result"`
	Members []string `json:"members"` // in order, with those that are read in part
	Losses  []string `json:"losses"`
}

// vectors are the bundles in testdata/vectors, made anew when UPDATE=1 is set.
func vectors(t *testing.T) map[string]struct {
	about string
	data  []byte
} {
	v := map[string]struct {
		about string
		data  []byte
	}{}
	add := func(name, about string, data []byte) {
		v[name] = struct {
			about string
			data  []byte
		}{about, data}
	}
	pod := "logs/metallb-system/speaker-x7k2p/speaker.log"
	log := strings.Repeat("2026-03-04T05:06:07.000000001Z {\"level\":\"info\"}\n", 400_000) // five blocks
	long := pack(t, file{"objects/core/services/default.yaml", "kind: Service\n"}, file{pod, log}, file{"attached/note.txt", "hello\n"})
	starts := blockStarts(t, long)

	add("smallest", "a header and a trailer", pack(t))
	add("long", "five blocks; a member that crosses their borders", long)
	for i, start := range starts[1 : len(starts)-1] {
		add("cut-at-block-"+string(rune('1'+i)), "long.tgz up to the border of a block", long[:start])
	}
	add("cut-in-block", "long.tgz up to the middle of its last but one block", long[:(starts[len(starts)-3]+starts[len(starts)-2])/2])
	add("cut-in-first-block", "long.tgz up to byte 400: the header and the first objects are there", long[:400])
	flip := func(at int) []byte {
		bad := slices.Clone(long)
		bad[at] ^= 4
		return bad
	}
	add("flipped-checksum", "a bit of the second block's CRC-32 is wrong", flip(starts[2]-8))
	add("flipped-data", "a bit of the second block's deflate data is wrong", flip(starts[1]+60))
	add("flipped-magic", "a bit of the second block's first byte is wrong", flip(starts[1]))

	head, trailer := entry("header.json", headerJSON), entry("trailer.json", noMembers)
	add("no-trailer", "a tar that ends as it should, without trailer.json", entries(t, head, entry("attached/a", "a")))
	add("trailer-of-another", "the trailer lists a member of another size", entries(t, head, entry("attached/a", "longer than a"),
		entry("trailer.json", open(t, pack(t, file{"attached/a", "a"}), Options{}).body("trailer.json"))))
	add("trailer-not-last", "a member follows the trailer", entries(t, head, trailer, entry("attached/a", "a")))
	add("trailer-digest", "the digest is not that of the list", entries(t, head, entry("trailer.json", strings.Replace(noMembers, "e3b0", "e3b1", 1))))
	add("name-dotdot", ".. in a name", entries(t, head, entry("objects/../../x", "x"), trailer))
	add("name-absolute", "an absolute path", entries(t, head, entry("/tmp/x", "x"), trailer))
	add("name-twice", "two members of one name: the first counts", entries(t, head, entry("attached/a", "first"), entry("attached/a", "second"), trailer))
	add("link", "a symbolic link", entries(t, head, tar.Header{Name: "attached/a", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, trailer))
	add("device", "a character device", entries(t, head, tar.Header{Name: "attached/a", Devmajor: 1, Devminor: 3, Typeflag: tar.TypeChar}, trailer))
	add("newer", "format version 7", entries(t, entry("header.json", headerNewer), trailer))
	add("unknown-fields", "fields that version 1 does not know", entries(t, entry("header.json", strings.Replace(headerJSON, "{", `{"later": [1], `, 1)), trailer))
	add("no-header", "another member comes first", entries(t, entry("attached/a", "a"), head, trailer))
	return v
}

func TestVectors(t *testing.T) {
	dir := filepath.Join("testdata", "vectors")
	made := vectors(t)
	if os.Getenv("UPDATE") != "" {
		os.MkdirAll(dir, 0o755)
		for name, v := range made {
			if err := os.WriteFile(filepath.Join(dir, name+".tgz"), v.data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if len(files) != len(made) {
		t.Errorf("%d files, %d vectors", len(files), len(made))
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".tgz")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := judge(t, data)
			got.About = made[name].about
			text, _ := json.MarshalIndent(got, "", "  ")
			text = append(text, '\n')
			expected := strings.TrimSuffix(path, ".tgz") + ".json"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(expected, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(text, want) {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		})
	}
}

func judge(t *testing.T, data []byte) outcome {
	o := outcome{Result: "ok", Members: []string{}, Losses: []string{}}
	s := open(t, data, Options{Verify: true})
	var version *VersionError
	if errors.As(s.err, &version) || errors.Is(s.err, ErrNotBundle) {
		o.Result = "refused"
		o.Losses = append(o.Losses, s.err.Error())
		return o
	}
	o.Members = append(o.Members, s.paths()...)
	for _, l := range s.losses {
		o.Losses = append(o.Losses, l.Error())
	}
	switch {
	case s.cut:
		o.Result = "cut"
	case len(s.losses) > 0:
		o.Result = "damaged"
	}
	return o
}
