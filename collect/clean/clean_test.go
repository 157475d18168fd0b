package clean

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
)

// cleaned is what becomes of a text that comes in pieces of n bytes; 0 for all at once.
func cleaned(t testing.TB, c *Cleaner, path string, in []byte, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := c.Text(path, &out)
	for len(in) > 0 {
		k := len(in)
		if n > 0 {
			k = min(n, k)
		}
		if _, err := w.Write(in[:k]); err != nil {
			t.Fatal(err)
		}
		in = in[k:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestGolden cleans a file for each of the places where secrets stand, once by itself.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.in")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			in, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(filepath.Base(f), ".in")
			c := New()
			got := cleaned(t, c, "attached/"+name, in, 0)
			golden := strings.TrimSuffix(f, ".in") + ".golden"
			if os.Getenv("UPDATE") == "1" {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; UPDATE=1 writes it anew:\n%s", golden, firstDifference(got, want))
			}
			if again := cleaned(t, c, "attached/"+name, got, 0); !bytes.Equal(again, got) {
				t.Errorf("cleaning twice changes it:\n%s", firstDifference(again, got))
			}
			if fresh := cleaned(t, New(), "attached/"+name, in, 7); !bytes.Equal(fresh, got) {
				t.Errorf("in small pieces it becomes another text:\n%s", firstDifference(fresh, got))
			}
			crlf := bytes.ReplaceAll(in, []byte("\n"), []byte("\r\n"))
			if fresh := cleaned(t, New(), "attached/"+name, crlf, 0); !bytes.Equal(fresh, bytes.ReplaceAll(got, []byte("\n"), []byte("\r\n"))) {
				t.Errorf("with CR LF it becomes another text:\n%s", firstDifference(bytes.ReplaceAll(fresh, []byte("\r"), nil), got))
			}
		})
	}
}

func firstDifference(got, want []byte) string {
	a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			other := "(nothing)"
			if i < len(b) {
				other = b[i]
			}
			return "got  " + a[i] + "\nwant " + other
		}
	}
	return "got less"
}

// TestForms: a value that is known from one member is removed from others, however it is written there.
func TestForms(t *testing.T) {
	for _, v := range []string{"tor-pass-1", "p@ss/w0rd+x&<y>", `q"uo\te'd-1`, "ümläut-pass", "sw0rd", strings.Repeat("long-", 300)} {
		c := New()
		cleaned(t, c, "frr.conf", []byte("neighbor 192.0.2.1 password "+v+"\n"), 0)
		if c.Known() != 1 {
			t.Errorf("%q: %d known values", v, c.Known())
		}
		for _, f := range encodings(v) {
			in := []byte("see " + f.text + " there\r\n\xff\x00no end of line")
			got := cleaned(t, c, "logs/x.log", in, 3)
			if bytes.Contains(got, []byte(f.text)) || !bytes.Contains(got, []byte("(removed: BGP password, #1)")) || !bytes.HasSuffix(got, []byte("\r\n\xff\x00no end of line")) {
				t.Errorf("%q as %s: %q became %q", v, f.name, in, got)
			}
			var out bytes.Buffer
			if changed, err := c.Again(&out, bytes.NewReader(in)); err != nil || !changed || !bytes.Equal(out.Bytes(), got) {
				t.Errorf("%q as %s: Again gave %q, %v, %v", v, f.name, out.Bytes(), changed, err)
			}
		}
	}
}

type form struct{ name, text string }

// encodings are ways to write a value, made without the package's own code.
func encodings(v string) []form {
	j, _ := json.Marshal(v)
	j2, _ := json.Marshal(string(j))
	q := strconv.Quote(v)
	all := []form{{"plain", v}, {"JSON", string(j[1 : len(j)-1])}, {"JSON in JSON", string(j2[3 : len(j2)-3])}, {"Go", q[1 : len(q)-1]}, {"hex", hex.EncodeToString([]byte(v))},
		{"HEX", strings.ToUpper(hex.EncodeToString([]byte(v)))}, {"query", url.QueryEscape(v)}, {"path", url.PathEscape(v)}}
	for _, pre := range []string{"", "u", "us", "user:"} {
		for _, post := range []string{"", "\n", "-and more"} {
			std := base64.StdEncoding.EncodeToString([]byte(pre + v + post))
			// the characters that are the value's alone
			from, to := (8*len(pre)+5)/6, 8*(len(pre)+len(v))/6
			all = append(all, form{"base64 behind " + strconv.Quote(pre), std[from:to]})
			all = append(all, form{"URL base64 behind " + strconv.Quote(pre), base64.URLEncoding.EncodeToString([]byte(pre + v + post))[from:to]})
		}
	}
	if strings.ContainsAny(v, "ü") { // Go's quotes leave it, too
		all = append(all[:3], all[4:]...)
	}
	return all
}

// TestOrdinary: values that are words, names or numbers are removed where they stand as secrets, and nowhere else.
func TestOrdinary(t *testing.T) {
	for _, v := range []string{"abc", "metallb", "Password", "true1"[:4], "65001", "192.0.2.1", "2001:db8::/32", "node-x", "my-service", "1.5", "---", "removed"} {
		c := New()
		c.Object(map[string]any{"kind": "Service", "metadata": map[string]any{"name": "my-service"}, "spec": map[string]any{"nodeName": "node-x"}})
		got := string(cleaned(t, c, "frr.conf", []byte(" neighbor 192.0.2.9 password "+v+"\n"), 0))
		if placeholder(v) {
			continue
		}
		if want := " neighbor 192.0.2.9 password (removed: BGP password, #1)\n"; got != want || c.Known() != 0 {
			t.Errorf("%q: got %q, %d known", v, got, c.Known())
		}
		in := "a " + v + " b " + base64.StdEncoding.EncodeToString([]byte(v)) + "\n"
		if got := string(cleaned(t, c, "x.log", []byte(in), 0)); got != in {
			t.Errorf("%q is removed elsewhere: %q", v, got)
		}
	}
	// a name that is learned later ends it
	c := New()
	c.Learn(Password, "rack-nine")
	c.Object(map[string]any{"metadata": map[string]any{"name": "rack-nine"}})
	if got := c.String("on rack-nine"); got != "on rack-nine" {
		t.Error(got)
	}
	// words are removed as words
	c = New()
	c.Learn(Password, "swordfish")
	if got := c.String(`swordfishes "a\nswordfish" swordfish`); got != `swordfishes "a\n(removed: password, #1)" (removed: password, #1)` {
		t.Error(got)
	}
}

// TestPassed: what can't be cleaned passes, and the cleaner says so; text in UTF-16 is cleaned as such.
func TestPassed(t *testing.T) {
	c := New()
	c.Learn(Password, "s3cret-value")
	for magic, why := range map[string]string{"\x1f\x8b\x08": "a compressed file", "\xd4\xc3\xb2\xa1": "a packet capture", "PK\x03\x04": "an archive"} {
		in := []byte(magic + " s3cret-value password=another-1\n")
		if got := cleaned(t, c, "attached/x", in, 0); !bytes.Equal(got, in) || c.Passed("attached/x") != why {
			t.Errorf("%q: %q, %q", magic, got, c.Passed("attached/x"))
		}
		if got := cleaned(t, c, "logs/x", in, 0); bytes.Contains(got, []byte("s3cret")) {
			t.Errorf("a log that begins like %s is not cleaned", why)
		}
	}
	if c.Passed("logs/x") != "" {
		t.Error("a log passed")
	}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		encode := func(s string) []byte {
			b := order.AppendUint16(nil, 0xfeff)
			for _, u := range utf16.Encode([]rune(s)) {
				b = order.AppendUint16(b, u)
			}
			return append(order.AppendUint16(b, 0xd800), 'x') // half a pair, half a unit
		}
		in := encode("😀 password=in-utf16-1 ü\r\n" + strings.Repeat("line\r\n", 200))
		want := encode("😀 password=(removed: password, #3) ü\r\n" + strings.Repeat("line\r\n", 200))
		if got := cleaned(t, c, "attached/wide.txt", in, 5); !bytes.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	}
}

// TestLongLines: a line of several mebibytes passes with little memory, cleaned.
func TestLongLines(t *testing.T) {
	c := New()
	part := strings.Repeat(`{\"kind\":\"BGPPeer\",\"spec\":{\"peerASN\":1,\"password\":\"long-line-pw1\"}},{\"x\":\"long-line-pw1\"}`, 1)
	in := []byte(`{"dump":"` + strings.Repeat(part, 80_000) + "\"}\nnext\n")
	want := bytes.ReplaceAll(in, []byte("long-line-pw1"), []byte("(removed: BGP password, #1)"))
	w := c.Text("logs/x.log", io.Discard).(*writer)
	for b := in; len(b) > 0; b = b[min(len(b), 32<<10):] {
		w.Write(b[:min(len(b), 32<<10)])
		if w.text != nil && cap(w.text.buf) > 2<<20 {
			t.Fatalf("%d bytes are held", cap(w.text.buf))
		}
	}
	if got := cleaned(t, c, "logs/x.log", in, 32<<10); !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d; %s", len(got), len(want), firstDifference(got[:min(len(got), 300)], want[:300]))
	}
}

// TestSideBySide: several members at once share what is known.
func TestSideBySide(t *testing.T) {
	c := New()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 50 {
				w := c.Text("x.log", io.Discard)
				fmt.Fprintf(w, "password=value-%d-%d\nvalue-1-%d\n", i, k, k)
				w.Close()
				c.Object(map[string]any{"metadata": map[string]any{"name": fmt.Sprint("pod-", i, k)}})
			}
		})
	}
	wg.Wait()
	if c.Known() != 400 {
		t.Error(c.Known())
	}
}

// TestHostile: texts that repeat what is looked at closely take no longer than others.
func TestHostile(t *testing.T) {
	for _, unit := range []string{"token ", "password ", "password:", `"data":{`, "data:\n", " data:\nstringData:\n", `\"password\":\"`, "-----BEGIN PRIVATE KEY-----", "neighbor x password ", "--token\n", "http://a:b@", "eyJh.", `\`, "'", "kind: Secret\ndata:\n", "(removed: "} {
		in := []byte(strings.Repeat(unit, 1<<20/len(unit)))
		start := time.Now()
		cleaned(t, New(), "attached/x.yaml", in, 32<<10)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q repeated to a mebibyte takes %s", unit, took)
		} else {
			t.Logf("%q %s", unit, took)
		}
	}
}

func TestObject(t *testing.T) {
	data, err := os.ReadFile("testdata/objects.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	c := New()
	for _, o := range all {
		c.Object(o)
	}
	got, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(bytes.ReplaceAll(got, []byte(`\u003c`), []byte("<")), '\n')
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile("testdata/objects.golden", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/objects.golden")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error(firstDifference(got, want))
	}
	for _, secret := range []string{"bgp-v1b2", "frrk8s-pw", "raw-pw", "running-pw", "cm-pw", "arg-tok", "env-pw", "sec-val", "c2VjLXZhbC0x", "anno-pw", "event-pw"} {
		if bytes.Contains(got, []byte(secret)) {
			t.Errorf("%s is still there", secret)
		}
	}
}

// BenchmarkLog is a log without secrets, with a debug dump now and then.
func BenchmarkLog(b *testing.B) {
	line := `{"caller":"main.go:420","event":"serviceAnnounced","ips":["198.51.100.7"],"level":"info","msg":"service has IP, announcing","namespace":"default","pool":"lan","protocol":"layer2","service":"default/web","ts":"2026-11-24T14:44:14Z"}` + "\n" +
		`{"caller":"bgp_controller.go:380","event":"updatedAdvertisements","level":"info","msg":"making advertisements using BGP","numAds":1,"peers":["tor-a","tor-b"],"ts":"2026-11-24T14:44:14Z"}` + "\n"
	text := []byte(strings.Repeat(line, 2000))
	for _, known := range []int{0, 20, 1000} {
		b.Run(fmt.Sprint(known, "-known"), func(b *testing.B) {
			c := New()
			for i := range known {
				c.Learn(BGPPassword, fmt.Sprintf("pass-%d-word-%x", i, i*7919))
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				w := c.Text("logs/x.log", io.Discard)
				for p := text; len(p) > 0; p = p[min(len(p), 32<<10):] {
					w.Write(p[:min(len(p), 32<<10)])
				}
				w.Close()
			}
		})
	}
}

// BenchmarkDump is a speaker's log at debug level, of nothing but dumps of its configuration.
func BenchmarkDump(b *testing.B) {
	in, err := os.ReadFile("testdata/speaker.log.in")
	if err != nil {
		b.Fatal(err)
	}
	text := bytes.Repeat(in, 100)
	c := New()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		w := c.Text("logs/x.log", io.Discard)
		w.Write(text)
		w.Close()
	}
}

// FuzzText: never a panic; cleaning twice is cleaning once; a known value does not survive, in however small pieces the text comes.
func FuzzText(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.in")
	for _, name := range files {
		in, _ := os.ReadFile(name)
		for _, l := range bytes.SplitAfter(in, []byte("\n")) {
			if len(l) > 30 && len(l) < 700 {
				f.Add(l)
			}
		}
		if len(in) < 2000 {
			f.Add(in)
		}
	}
	const secret = "Kn0wn-s3cret-Value"
	f.Add([]byte("x " + secret + " y"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 8<<10 || Opaque(in) != "" {
			return
		}
		if _, wide := utf16Text(in); wide {
			return
		}
		c := New()
		c.Learn(BGPPassword, secret)
		once := cleaned(t, c, "attached/x.yaml", in, 0)
		if bytes.Contains(once, []byte(secret)) {
			t.Errorf("%q became %q", in, once)
		}
		if twice := cleaned(t, c, "attached/x.yaml", once, 0); !bytes.Equal(twice, once) {
			// what was learned behind a place may stand before it: Again is for that, and ends there
			if third := cleaned(t, c, "attached/x.yaml", twice, 0); !bytes.Equal(third, twice) {
				t.Errorf("%q became %q and %q and %q", in, once, twice, third)
			}
		}
		p := New()
		p.Learn(BGPPassword, secret)
		if pieces := cleaned(t, p, "attached/x.yaml", in, 1); !bytes.Equal(pieces, once) {
			t.Errorf("%q became %q, in pieces %q", in, once, pieces)
		}
	})
}
