// Package analyze turns a source of members into a report: it parses the members side by side, indexes what they say, works out
// what MetalLB should have decided, runs the checks and orders their findings into cause and consequence.
package analyze

import (
	"context"
	"errors"
	"runtime"

	"github.com/metallb-assay/assay/analyze/check"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// Options change what is analyzed and told.
type Options struct {
	Tool     schema.Tool
	Services []string // keys of the Services to tell of; empty: all
	Workers  int      // parsers at work at once; 0: one a processor, at least 2
	// Progress is called after each member with how many were read; nil is silent.
	Progress func(members int, path string)
}

// Analyze reads the source to its end and returns the report. An error means that nothing could be read at all; what could not
// be read of a source that opens is in the report.
func Analyze(ctx context.Context, src bundle.Source, opt Options) (*schema.Report, error) {
	obs, cut, err := Observe(ctx, src, opt)
	if err != nil {
		return nil, err
	}
	m := model.New(obs)
	v := check.NewView(m)
	report := compose(v, opt)
	unturn(report, obs.Turned)
	report.Source.Name = src.Name()
	report.Source.Kind = src.Layout()
	report.Source.Cut = cut
	return report, nil
}

// Observe parses every member and returns what they say together, in the members' order, and whether the input was cut.
func Observe(ctx context.Context, src bundle.Source, opt Options) (*model.Observations, bool, error) {
	workers := opt.Workers
	if workers <= 0 {
		workers = max(2, runtime.GOMAXPROCS(0))
	}
	var (
		merger = newMerger()
		slots  = make(chan struct{}, workers)
		cut    bool
		read   int
	)
	for member, err := range src.Members() {
		if ctx.Err() != nil {
			merger.merge(true)
			return nil, cut, ctx.Err()
		}
		if err != nil {
			var loss *bundle.Loss
			if !errors.As(err, &loss) {
				if read == 0 {
					return nil, cut, err
				}
				loss = &bundle.Loss{Path: src.Name(), Why: err.Error(), Cut: true}
			}
			cut = cut || loss.Cut
			merger.add(lost(loss))
			continue
		}
		read++
		p, index := merger.begin()
		if member.Body == nil {
			p.out.Members = append(p.out.Members, parse(member.Origin, index, nothing{}, p.out))
			close(p.done)
			continue
		}
		f := newFeed()
		slots <- struct{}{}
		go func(o schema.Origin) {
			defer close(p.done)
			defer func() { <-slots }()
			seen := parse(o, index, f, p.out)
			f.close()
			p.out.Members = append(p.out.Members, seen)
		}(member.Origin)
		if err := f.fill(member.Body); err != nil {
			merger.add(lost(&bundle.Loss{Path: member.Path, Kind: member.Kind, Why: err.Error()}))
		}
		merger.merge(false)
		if opt.Progress != nil {
			opt.Progress(read, member.Path)
		}
	}
	merger.merge(true)
	all := merger.all
	addDumps(all)
	addNodeStates(all)
	addWebhookWords(all)
	return all, cut, nil
}

func lost(l *bundle.Loss) *model.Observations {
	return &model.Observations{Members: []model.MemberSeen{{Origin: schema.Origin{Path: l.Path, Kind: l.Kind, FirstLine: 1}, Read: "not", Why: l.Why}}}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, errEOF }
