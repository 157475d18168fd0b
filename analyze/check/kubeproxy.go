package check

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// proxyFact is a setting of kube-proxy and where it is told.
type proxyFact struct {
	Value string
	Src   schema.Evidence
}

// proxyMode is kube-proxy's mode: by its configuration, else by what text says; Value "" when unknown.
func (v *View) proxyMode() proxyFact {
	if f, ok := v.proxySetting("mode:"); ok {
		if f.Value == "" {
			f.Value = "iptables"
		}
		return f
	}
	for _, r := range v.Remarks {
		if r.ID == model.RemarkKubeProxyMode {
			return proxyFact{r.Value, r.Src}
		}
	}
	for _, i := range v.Ifaces {
		if i.Name == "kube-ipvs0" && len(i.Addrs) > 0 {
			return proxyFact{"ipvs", i.Src}
		}
	}
	if len(v.IPVS) > 0 {
		return proxyFact{"ipvs", v.IPVS[0].Src}
	}
	return proxyFact{}
}

// strictARP is kube-proxy's ipvs.strictARP: "true", "false", or "" when unknown.
func (v *View) strictARP() proxyFact {
	if f, ok := v.proxySetting("strictARP:"); ok {
		return f
	}
	for _, r := range v.Remarks {
		if r.ID == model.RemarkStrictARP {
			return proxyFact{r.Value, r.Src}
		}
	}
	return proxyFact{}
}

// proxySetting looks a key up in the configuration that a ConfigMap of kube-proxy holds.
func (v *View) proxySetting(key string) (proxyFact, bool) {
	for _, c := range v.Obj.ConfigMaps {
		for name, text := range c.Data {
			if !strings.Contains(text, "KubeProxyConfiguration") {
				continue
			}
			for n, line := range strings.Split(text, "\n") {
				value, ok := strings.CutPrefix(strings.TrimSpace(line), key)
				if !ok {
					continue
				}
				src := c.Src
				if first := c.Lines[name]; first > 0 {
					src.Line, src.LastLine, src.Quote = first+n, 0, strings.TrimSpace(line)
				}
				return proxyFact{strings.Trim(strings.TrimSpace(value), `"'`), src}, true
			}
		}
	}
	return proxyFact{}, false
}
