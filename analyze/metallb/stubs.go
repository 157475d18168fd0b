package metallb

func parseLegacyConfig(in Input, c Component) (*Config, *Refusal) { return &Config{}, nil }
func (p *parser) refusal(faults []fault) *Refusal {
	f := faults[0]
	return &Refusal{Stage: "parse", Error: f.text, Rule: f.rule, Objects: f.objects, Retry: f.retry}
}
func (p *parser) filterByNode() []fault    { return nil }
func (p *parser) checkMode() []fault       { return nil }
func (p *parser) readProfiles() []fault    { return nil }
func (p *parser) readPeers() []fault       { return nil }
func (p *parser) readCommunities() []fault { return nil }
func (p *parser) attachL2() []fault        { return nil }
func (p *parser) attachBGP() []fault       { return nil }
func (p *parser) readLegacyPools() []fault { return nil }
func (p *parser) checkBFDEcho() []fault    { return nil }
func (p *parser) checkExtras() []fault     { return nil }
