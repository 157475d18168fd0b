package analyze

import (
	"io"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/kube"
	"github.com/metallb-assay/assay/analyze/parse/logs"
	"github.com/metallb-assay/assay/analyze/parse/prom"
	"github.com/metallb-assay/assay/analyze/parse/router"
	"github.com/metallb-assay/assay/analyze/parse/text"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
	"github.com/metallb-assay/assay/schema"
)

var errEOF = io.EOF

type parser func(o schema.Origin, index int, r io.Reader, out *model.Observations) model.MemberSeen

// parsers says which package reads which kind; a kind that is missing here is listed and not read.
var parsers = map[schema.Kind]parser{
	schema.KindObjects:    kube.Parse,
	schema.KindTable:      kube.Parse,
	schema.KindDescribe:   kube.Parse,
	schema.KindLegacy:     kube.Parse,
	schema.KindHelm:       kube.Parse,
	schema.KindLog:        logs.Parse,
	schema.KindFRRLog:     logs.Parse,
	schema.KindReload:     logs.Parse,
	schema.KindOtherLog:   parseOtherLog,
	schema.KindMetrics:    prom.Parse,
	schema.KindVtysh:      vtysh.Parse,
	schema.KindFRRConf:    frrconf.Parse,
	schema.KindDaemons:    frrconf.Parse,
	schema.KindRouter:     router.Parse,
	schema.KindTcpdump:    text.Parse,
	schema.KindArping:     text.Parse,
	schema.KindPing:       text.Parse,
	schema.KindCurl:       text.Parse,
	schema.KindTraceroute: text.Parse,
	schema.KindIPAddr:     text.Parse,
	schema.KindIPRoute:    text.Parse,
	schema.KindIPRule:     text.Parse,
	schema.KindIPNeigh:    text.Parse,
	schema.KindIPLink:     text.Parse,
	schema.KindSysctl:     text.Parse,
	schema.KindIptables:   text.Parse,
	schema.KindNft:        text.Parse,
	schema.KindIPVS:       text.Parse,
	schema.KindSockets:    text.Parse,
	schema.KindConntrack:  text.Parse,
	schema.KindShell:      text.Parse,
	schema.KindProse:      text.Parse,
	schema.KindTrailer:    parseTrailer,
}

// otherLogText bounds how much of another program's log is also read as text, for the facts of kernels, CNIs and firewalls in it.
const otherLogText = 16 << 20

// parseOtherLog reads another program's log twice at once: as a log, and as text (dmesg, Cilium, a firewall).
func parseOtherLog(o schema.Origin, index int, r io.Reader, out *model.Observations) model.MemberSeen {
	pr, pw := io.Pipe()
	words := &model.Observations{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		text.Parse(o, index, io.LimitReader(pr, otherLogText), words)
		_ = pr.Close() // from here on the writer's error is dropped by tee
	}()
	seen := logs.Parse(o, index, &tee{r: r, w: pw}, out)
	_ = pw.Close()
	<-done
	out.Remarks = append(out.Remarks, words.Remarks...)
	return seen
}

// tee copies what is read into w until w fails.
type tee struct {
	r io.Reader
	w *io.PipeWriter
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n > 0 && t.w != nil {
		if _, werr := t.w.Write(p[:n]); werr != nil {
			t.w = nil
		}
	}
	return n, err
}

func parse(o schema.Origin, index int, r io.Reader, out *model.Observations) model.MemberSeen {
	p := parsers[o.Kind]
	if p == nil {
		seen := model.MemberSeen{Origin: o, Read: "not"}
		switch o.Kind {
		case schema.KindEmpty:
			seen.Read, seen.Why = "whole", "is empty"
		case schema.KindPcap:
			seen.Why = "a capture: this version lists captures and does not read them"
		case schema.KindBinary:
			seen.Why = "is neither text nor a capture"
		case schema.KindHeader:
			seen.Read = "whole"
		default:
			seen.Why = "is of no known kind"
		}
		return seen
	}
	var seen model.MemberSeen
	switch o.Kind {
	case schema.KindLog, schema.KindFRRLog, schema.KindReload:
		seen = parseTurned(p, o, index, r, out)
	default:
		seen = p(o, index, r, out)
	}
	if seen.Read == "" {
		seen.Read = "whole"
		if seen.Why != "" {
			seen.Read = "part"
		}
	}
	return seen
}
