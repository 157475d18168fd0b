package foreign

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// Open opens one input: a bundle, a folder, an archive, a file, or "-" for stdin. Paths of members start at its root.
func Open(path string, stdin io.Reader, opt Options) (bundle.Source, error) {
	return OpenAll([]string{path}, stdin, opt)
}

// OpenAll opens the inputs of one call as one source, in their order. With several, each member's path begins with the argument
// that it is from: "a.tgz!/...", "folder/...". An input that is not there, a folder without a file, and a bundle of a newer version
// are errors.
func OpenAll(paths []string, stdin io.Reader, opt Options) (bundle.Source, error) {
	if len(paths) == 0 {
		return nil, errors.New("no input is named")
	}
	s := &source{name: strings.Join(paths, " "), opt: opt.withDefaults(), stdin: stdin}
	seen := 0
	for _, p := range paths {
		in, err := s.input(p, len(paths) > 1)
		if err != nil {
			return nil, err
		}
		if in.stdin {
			if seen++; seen > 1 {
				return nil, errors.New("-: standard input is named twice")
			}
		}
		if err := s.isBundle(&in); err != nil {
			return nil, err
		}
		s.inputs = append(s.inputs, in)
	}
	return s, nil
}

// input is one argument of a call.
type input struct {
	path   string // as named
	prefix string // in front of members' paths; "" for a single input
	stdin  bool
	folder bool
	size   int64
	bundle func() (members, func(), error) // opens it where it is a bundle; nil where it is not
}

func (s *source) input(path string, several bool) (input, error) {
	if path == "-" {
		if s.stdin == nil {
			return input{}, errors.New("-: there is no standard input")
		}
		return input{path: path, stdin: true, prefix: pick2(several, "-!/"), size: -1}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return input{}, pathError(path, err)
	}
	in := input{path: path, size: info.Size()}
	switch {
	case info.IsDir():
		in.folder = true
		in.prefix = pick2(several, strings.TrimRight(filepath.ToSlash(path), "/")+"/")
		switch found, err := hasFile(path); {
		case err != nil:
			return input{}, pathError(path, err)
		case !found:
			return input{}, fmt.Errorf("%s: the folder holds no file", path)
		}
	case !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 && info.Mode()&fs.ModeCharDevice == 0:
		return input{}, fmt.Errorf("%s: is neither a file nor a folder", path)
	default:
		if !info.Mode().IsRegular() {
			in.size = -1
		}
		in.prefix = pick2(several, filepath.ToSlash(path)+"!/")
	}
	return in, nil
}

func pick2(ok bool, s string) string {
	if ok {
		return s
	}
	return ""
}

func pathError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// hasFile says whether a folder has anything but folders in it; the error is that of a folder that can't be read itself.
func hasFile(path string) (bool, error) {
	if _, err := os.ReadDir(path); err != nil {
		return false, err
	}
	found := false
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return nil
		}
		found = true // what can't be read is told as a loss
		return filepath.SkipAll
	})
	return found, nil
}

// source is what OpenAll returns.
type source struct {
	name   string
	inputs []input
	opt    Options
	stdin  io.Reader
	layout layouts

	header  *schema.Header
	trailer *schema.Trailer
}

func (s *source) Name() string             { return s.name }
func (s *source) Layout() string           { return s.layout.name() }
func (s *source) Header() *schema.Header   { return s.header }
func (s *source) Trailer() *schema.Trailer { return s.trailer }

// errStop says that whoever asks for members wants no more.
var errStop = errors.New("no more members are wanted")

// Members implements bundle.Source. It can be called once where standard input is among the inputs.
func (s *source) Members() iter.Seq2[bundle.Member, error] {
	return func(yield func(bundle.Member, error) bool) {
		o := &opener{opt: s.opt, yield: yield, layout: &s.layout, left: s.opt.MaxTotal}
		for _, in := range s.inputs {
			if err := s.open(o, in); err != nil {
				if !errors.Is(err, errStop) {
					yield(bundle.Member{}, err)
				}
				return
			}
		}
	}
}

// open yields the members of one input.
func (s *source) open(o *opener, in input) error {
	if done, err := s.openBundle(o, in); done || err != nil {
		return err
	}
	switch {
	case in.folder:
		return o.folder(in)
	case in.stdin:
		return o.file(fileName{path: "-", inside: in.prefix}, s.stdin, in.size, nil, 0)
	}
	f, err := os.Open(in.path)
	if err != nil {
		return o.lose(in.path, pathError(in.path, err).Error(), false)
	}
	defer f.Close()
	name := fileName{path: filepath.Base(in.path), inside: in.prefix}
	if in.prefix != "" {
		name.path = strings.TrimSuffix(in.prefix, "!/")
	}
	return o.file(name, f, in.size, f, 0)
}

// folder walks a folder in the order of its names.
func (o *opener) folder(in input) error {
	return filepath.WalkDir(in.path, func(path string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(in.path, path)
		if relErr != nil {
			rel = path
		}
		name := in.prefix + filepath.ToSlash(rel)
		switch {
		case err != nil:
			if d != nil && d.IsDir() {
				return o.lose(name, "can't be read: "+pathReason(err), false)
			}
			return o.lose(name, "can't be read: "+pathReason(err), false)
		case d.IsDir():
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			return o.lose(name, "is a symbolic link: it is not followed", false)
		case !d.Type().IsRegular():
			return o.lose(name, "is no regular file", false)
		}
		f, err := os.Open(path)
		if err != nil {
			return o.lose(name, "can't be read: "+pathReason(err), false)
		}
		defer f.Close()
		size := int64(-1)
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
		return o.file(fileName{path: name, inside: name + "!/"}, f, size, f, 0)
	})
}

func pathReason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// layouts gathers by the paths of members which tool made the input.
type layouts struct {
	bundle, crds, pods, mustGather bool
}

func (l *layouts) see(path string, kind schema.Kind) {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		left := len(parts) - i - 1
		switch {
		case p == "crds" && left == 1 && strings.HasSuffix(parts[i+1], ".yaml"):
			l.crds = l.crds || kind == schema.KindObjects || kind == schema.KindEmpty
		case p == "pods" && left == 2 && (parts[i+2] == "speaker.log" || parts[i+2] == "controller.log"):
			l.pods = true
		case p == "cluster-scoped-resources" && left >= 2, p == "namespaces" && left >= 3 && (parts[i+2] == "pods" || parts[i+2] == "core" || strings.Contains(parts[i+2], ".")):
			l.mustGather = true
		}
	}
}

func (l *layouts) name() string {
	switch {
	case l.bundle:
		return "bundle"
	case l.mustGather:
		return "must-gather"
	case l.crds && l.pods:
		return "collect.sh"
	}
	return "loose"
}
