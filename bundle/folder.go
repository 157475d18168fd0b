package bundle

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"

	"github.com/metallb-assay/assay/schema"
)

// Folder is a bundle that lies unpacked, or that a collection has not finished packing (OUT.partial/). It implements Source;
// its members come in the order of their names, the header first and the trailer last.
type Folder struct {
	frame
	fsys fs.FS
	head []byte
}

// OpenFolder opens a folder; errors are those of Open.
func OpenFolder(name string, fsys fs.FS, o Options) (*Folder, error) {
	f := &Folder{frame: newFrame(name, o), fsys: fsys}
	head, err := f.readFile(schema.HeaderName)
	if err != nil {
		return nil, fmt.Errorf("%s %w: header.json: %v", name, ErrNotBundle, err)
	}
	if err := f.takeHeader(head); err != nil {
		return nil, err
	}
	f.head = head
	return f, nil
}

func (f *Folder) readFile(name string) ([]byte, error) {
	file, err := f.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return f.readMeta(name, file)
}

// Members implements Source.
func (f *Folder) Members() iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		if !yield(metaMember(schema.HeaderName, f.head), nil) {
			return
		}
		f.sizes[schema.HeaderName] = int64(len(f.head))
		stopped := false
		hasTrailer := false
		seen := 0
		fs.WalkDir(f.fsys, ".", func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				f.lose(shown(name), err.Error())
			case entry.IsDir(), name == schema.HeaderName:
				return nil
			case name == schema.TrailerName:
				hasTrailer = true
				return nil
			case seen >= f.opt.MaxMembers:
				f.lose(shown(name), fmt.Sprintf("is passed over with all that follows: more than %d members, the limit", f.opt.MaxMembers))
				return fs.SkipAll
			default:
				seen++
				if !f.hand(name, entry, yield) {
					stopped = true
					return fs.SkipAll
				}
			}
			return nil
		})
		if stopped {
			return
		}
		if hasTrailer && !f.handTrailer(yield) {
			return
		}
		f.settle(true)
		for _, l := range f.losses {
			if !yield(Member{}, l) {
				return
			}
		}
		if !hasTrailer {
			yield(Member{}, &Loss{Path: schema.TrailerName, Kind: schema.KindTrailer, Cut: true,
				Why: "is missing: the collection did not end, or not all of it was unpacked"})
		}
	}
}

// hand yields one file. A folder can be large: losses are told as they come.
func (f *Folder) hand(name string, entry fs.DirEntry, yield func(Member, error) bool) bool {
	size := int64(-1)
	why := ""
	if info, err := entry.Info(); err != nil {
		why = err.Error()
	} else {
		size = info.Size()
	}
	switch kind := entry.Type(); {
	case kind&fs.ModeSymlink != 0:
		why = "is a symbolic link"
	case kind&(fs.ModeDevice|fs.ModeCharDevice) != 0:
		why = "is a device"
	case !kind.IsRegular():
		why = "is no regular file"
	}
	if why != "" {
		f.lose(shown(name), why)
	} else if f.admit(name, size) {
		return f.handFile(name, size, yield)
	}
	losses := slices.Clone(f.losses)
	f.losses = f.losses[:0]
	for _, l := range losses {
		if !yield(Member{}, l) {
			return false
		}
	}
	return true
}

func (f *Folder) handFile(name string, size int64, yield func(Member, error) bool) bool {
	file, err := f.fsys.Open(name)
	if err != nil {
		return yield(Member{}, &Loss{Path: name, Kind: OriginOf(name).Kind, Why: err.Error()})
	}
	defer file.Close()
	return yield(Member{Origin: OriginOf(name), Size: size, Body: io.LimitReader(file, f.opt.MaxMember)}, nil)
}

func (f *Folder) handTrailer(yield func(Member, error) bool) bool {
	data, err := f.readFile(schema.TrailerName)
	if err != nil {
		f.lose(schema.TrailerName, err.Error())
		return true
	}
	f.sizes[schema.TrailerName] = int64(len(data))
	f.last = schema.TrailerName
	f.takeTrailer(data)
	return yield(metaMember(schema.TrailerName, data), nil)
}

// IsFolder says whether a folder is a bundle, by its header.json.
func IsFolder(fsys fs.FS) bool {
	file, err := fsys.Open(schema.HeaderName)
	if err != nil {
		return false
	}
	defer file.Close()
	var h schema.Header
	data, err := io.ReadAll(io.LimitReader(file, 1<<20))
	return err == nil && json.Unmarshal(data, &h) == nil && h.Format == schema.BundleFormat
}
