package vtysh

import (
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/jsonlines"
)

// msec makes a number of a unit of so many milliseconds a duration; -1 when it is not there.
func msec(n *jsonlines.Node, unit int) time.Duration {
	v := n.Int(-1)
	if v < 0 || v > 1<<50/unit {
		return -1
	}
	return time.Duration(v) * time.Duration(unit) * time.Millisecond
}

// summary takes {"routerId": ..., "as": ..., "peers": {...}} of one family.
func (j *jsonReader) summary(n *jsonlines.Node, vrf, family string) {
	j.found++
	peers := n.Get("peers")
	for i, v := range peers.Vals {
		if v.IsObject() {
			j.summaryPeer(n, peers.Keys[i], v, vrf, family)
		}
	}
	j.show(peers, "summary", vrf, len(peers.Vals)).Family = shortFamily(family)
}

func (j *jsonReader) summaryPeer(head *jsonlines.Node, addr string, v *jsonlines.Node, vrf, family string) {
	nb := newNeighbor(j.p.sec.o)
	nb.Addr, nb.VRF = Addr(addr), vrfName(vrf, j.p)
	nb.LocalID, nb.LocalAS = head.Get("routerId").Str(), frrconf.ParseAS(head.First("as", "asn").Str())
	nb.RemoteAS = frrconf.ParseAS(v.First("remoteAs", "asn").Str())
	state := v.First("state", "peerState")
	nb.State = State(state.Str())
	if state == nil {
		state = v
	}
	nb.Src = j.ev(state)
	nb.MsgRcvd, nb.MsgSent = v.First("msgRcvd", "msgReceived").Int(-1), v.Get("msgSent").Int(-1)
	nb.PfxSent = v.Get("pfxSnt").Int(-1)
	if nb.State == "Established" {
		nb.PfxRcd = v.First("pfxRcd", "prefixAccepted").Int(-1)
		nb.PfxReceivedBeforePolicy = v.Get("prefixReceived").Int(-1)
	}
	if v.Has("prefixReceived") {
		nb.System = "eos"
	}
	nb.Uptime = msec(v.Get("peerUptimeMsec"), 1)
	if v.Get("peerUptime").Str() == "never" {
		nb.Never, nb.Uptime = true, -1
	}
	nb.Established, nb.Dropped = v.Get("connectionsEstablished").Int(-1), v.Get("connectionsDropped").Int(-1)
	switch v.Get("peerState").Str() {
	case "Policy":
		nb.InboundPolicyMissing = true
	case "Admin":
		nb.State = "Idle (Admin)"
	case "PfxCt":
		nb.State = "Idle (PfxCt)"
	}
	if d := v.First("desc", "description").Str(); d != "" {
		nb.Description = d
	}
	if family != "" {
		nb.Families = []string{family}
	}
	if nb.State == "NoNeg" {
		nb.NotNegotiated, nb.Families = nb.Families, nil
	}
	j.p.addNeighbor(nb)
}

func vrfName(vrf string, p *parser) string {
	if vrf == "" {
		return p.vrf()
	}
	if vrf == "default" {
		return ""
	}
	return vrf
}

// neighbor takes one object of `show bgp neighbors json`.
func (j *jsonReader) neighbor(addr string, v *jsonlines.Node, vrf string) {
	nb := newNeighbor(j.p.sec.o)
	nb.Addr, nb.VRF = Addr(addr), vrfName(vrf, j.p)
	nb.RemoteAS, nb.LocalAS = frrconf.ParseAS(v.Get("remoteAs").Str()), frrconf.ParseAS(v.Get("localAs").Str())
	nb.RemoteID, nb.LocalID = v.Get("remoteRouterId").Str(), v.Get("localRouterId").Str()
	nb.State, nb.Src = State(v.Get("bgpState").Str()), j.ev(v.Get("bgpState"))
	nb.Description = v.First("nbrDesc", "description").Str()
	nb.Uptime = msec(v.Get("bgpTimerUpMsec"), 1)
	nb.HoldTime, nb.KeepaliveTime = sec(v.Get("bgpTimerHoldTimeMsecs")), sec(v.Get("bgpTimerKeepAliveIntervalMsecs"))
	nb.ConfiguredHold = sec(v.Get("bgpTimerConfiguredHoldTimeMsecs"))
	stats := v.Get("messageStats")
	nb.MsgSent, nb.MsgRcvd = stats.Get("totalSent").Int(-1), stats.Get("totalRecv").Int(-1)
	nb.Established, nb.Dropped = v.Get("connectionsEstablished").Int(-1), v.Get("connectionsDropped").Int(-1)
	nb.MaxHops = v.First("externalBgpNbrMaxHopsAway", "internalBgpNbrMaxHopsAway").Int(0)
	nb.LocalHost, nb.LocalPort = v.Get("hostLocal").Str(), v.Get("portLocal").Int(0)
	nb.ForeignHost, nb.ForeignPort = v.Get("hostForeign").Str(), v.Get("portForeign").Int(0)
	bfd := v.Get("peerBfdInfo")
	nb.BFD, nb.BFDType = bfd.Get("status").Str(), bfd.Get("type").Str()
	j.reset(&nb, v)
	j.families(&nb, v)
	j.p.addNeighbor(nb)
}

func sec(n *jsonlines.Node) int {
	if v := n.Int(-1); v >= 0 {
		return v / 1000
	}
	return -1
}

// reset takes the keys of the last reset.
func (j *jsonReader) reset(nb *model.BGPNeighbor, v *jsonlines.Node) {
	due := v.Get("lastResetDueTo")
	if due.Str() == "" {
		return
	}
	nb.LastResetAgo = msec(v.Get("lastResetTimerMsecs"), 1)
	setReason(nb, due.Str(), j.ev(due))
	why := v.Get("lastNotificationReason")
	if !strings.HasPrefix(due.Str(), "BGP Notification") || why.Str() == "" {
		return
	}
	nb.LastErrorSent = strings.HasSuffix(due.Str(), "send")
	nb.LastError, nb.ErrSrc = why.Str(), j.ev(why)
	verb := "received"
	if nb.LastErrorSent {
		verb = "sent"
	}
	nb.LastReset = "Notification " + verb + " (" + nb.LastError + ")" // as the text form says it
}

// families takes addressFamilyInfo, and what of the capabilities is on one side alone.
func (j *jsonReader) families(nb *model.BGPNeighbor, v *jsonlines.Node) {
	info := v.Get("addressFamilyInfo")
	if info.IsObject() {
		for i, f := range info.Vals {
			nb.Families = appendNew(nb.Families, familyOf(info.Keys[i]))
			if c := f.Get("acceptedPrefixCounter").Int(-1); c >= 0 {
				nb.PfxRcd = max(nb.PfxRcd, 0) + c
			}
			if c := f.Get("sentPrefixCounter").Int(-1); c >= 0 {
				nb.PfxSent = max(nb.PfxSent, 0) + c
			}
			if m := f.Get("routeMapForIncomingAdvertisements").Str(); m != "" {
				nb.RouteMapIn = "*" + m // as the text form; JSON does not tell a map that is missing
			}
			if m := f.Get("routeMapForOutgoingAdvertisements").Str(); m != "" {
				nb.RouteMapOut = "*" + m
			}
			if strings.Contains(f.Get("inboundEbgpRequiresPolicy").Str(), "discarded") {
				nb.InboundPolicyMissing = true
			}
		}
	}
	mp := v.Get("neighborCapabilities").Get("multiprotocolExtensions")
	if !mp.IsObject() {
		return
	}
	for i, f := range mp.Vals {
		if f.Get("advertised").Bool() && !f.Get("advertisedAndReceived").Bool() && !f.Get("received").Bool() {
			name := familyOf(mp.Keys[i])
			nb.NotNegotiated = appendNew(nb.NotNegotiated, name)
			nb.Families = without(nb.Families, name)
		}
	}
}

func without(list []string, s string) []string {
	kept := list[:0]
	for _, x := range list {
		if x != s {
			kept = append(kept, x)
		}
	}
	return kept
}
