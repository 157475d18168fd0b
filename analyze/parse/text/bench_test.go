package text

import (
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func BenchmarkOtherLog(b *testing.B) {
	s := strings.Repeat("I0604 07:51:40.118245       1 proxier.go:1565] \"Opened local port\" port=\"nodePort for kube-system/dns\" syncDuration=\"12.5ms\" numServices=12\n", 10000)
	for _, k := range []schema.Kind{schema.KindOtherLog, schema.KindProse, schema.KindIptables} {
		b.Run(string(k), func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Parse(schema.Origin{Path: "m", Kind: k}, 1, strings.NewReader(s), &model.Observations{})
			}
		})
	}
}
