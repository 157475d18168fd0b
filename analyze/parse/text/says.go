package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// says adds a line of prose to the sentence that is being read, and looks at each sentence when it ends. The evidence of a sentence
// is the line where it begins. These remarks are weak on purpose, see the doc of the package.
func (r *remarker) says(c *state, l line, s string) {
	if r.sentence != "" && (l.n != r.lastLine+1 || bullet(s)) {
		r.endSentence(c)
	}
	r.lastLine = l.n
	for s != "" && len(r.sentence) < 2000 {
		end := sentenceEnd(s)
		if r.sentence == "" {
			r.from = c.ev(l)
		}
		r.sentence = strings.TrimSpace(r.sentence + " " + s[:end])
		if end == len(s) && !ends(s[end-1]) {
			return
		}
		s = strings.TrimSpace(s[end:])
		r.endSentence(c)
	}
}

// bullet says whether a line begins an item of a list, a heading or a quotation.
func bullet(s string) bool {
	n, ok := number(s)
	return has(s[:1], "-", "*", "#", ">", "|", "+") || ok && n < 100 && has(cut(s, 4), ". ", ") ")
}

func ends(b byte) bool { return b == '.' || b == '?' || b == '!' || b == ':' }

// sentenceEnd is the length of the first sentence of s, its mark included. A mark counts when a blank follows.
func sentenceEnd(s string) int {
	for i := 0; i < len(s)-1; i++ {
		if (ends(s[i]) && s[i] != ':' || s[i] == ';') && s[i+1] == ' ' {
			return i + 1
		}
	}
	return len(s)
}

// endSentence looks at the sentence that was read and keeps what it says, with the address, the Service and the place that it names.
func (r *remarker) endSentence(c *state) {
	text := r.sentence
	r.sentence = ""
	if text == "" {
		return
	}
	lower := strings.ToLower(text)
	for i := range sayings {
		if f := &sayings[i]; f.match(lower) {
			r.addAt(c, r.from, model.Remark{ID: f.id, Addr: firstAddr(text), Service: serviceIn(text), Node: nodeIn(text, lower), Value: saidPlace(text), Text: cut(text, 400)})
		}
	}
}

// no are the words of a sentence that says that something does not work.
var no = []string{" not", "n't", "nothing", " no ", "hang", "time out", "times out", "timeout", "timed out", "fail", "dead", "only", "unreachable", "refused", "unable", "stop", "never"}

// yes are those of one that says that it does.
var yes = []string{"work", "reach", "fine", "ok", "answer", "page", "success", "accessible", "curl", "ping", "respond"}

// sayings are the usual words, in English. Each needs one of any and all of all; none takes it back; with one of with beside it.
var sayings = []fact{
	{id: model.SaysPingFails, any: []string{"can't ping", "cannot ping", "can not ping", "not pingable", "ping fails", "ping doesn't", "ping does not", "unable to ping", "no ping", "ping times out", "not reply to ping", "not answer ping", "doesn't ping", "ping is not working", "ping not working", "couldn't ping"}},
	{id: model.SaysPingWorks, any: []string{"i can ping", "ping works", "is pingable", "can be pinged", "ping is fine", "ping is ok", "we can ping", "able to ping"}, none: []string{"unable to ping", "not able to ping"}},
	{id: model.SaysUnreachable, any: []string{"not reachable", "unreachable", "can't reach", "cannot reach", "can not reach", "no longer reachable", "not accessible", "inaccessible", "can't access", "cannot access", "unable to access", "unable to reach", "unable to connect", "can't connect", "cannot connect", "times out", "timed out", "time out", "timeout", "it hangs", "just hangs", "no response", "doesn't respond", "does not respond", "not responding", "is dead", "are dead", "it is dead", "does not answer", "doesn't answer", "no answer", "nothing comes back"},
		none: []string{"?timeout=", "request timed out.", "error from server", "curl:"}},
	{id: model.SaysRefused, any: []string{"connection refused", "connection is refused", "gets refused", "is refused", "are refused", "**refused**"}, none: []string{"curl:", "dial tcp", "nc:"}},
	{id: model.SaysWorks, any: []string{"works fine", "it works", "works well", "is reachable", "are reachable", "works as expected", "is accessible", "everything works", "still works", "works every time", "works.", " works,", "are fine", "is fine", "works again", "are ok"},
		none: []string{"not reachable", "nothing works", "no longer works", "works until", "it works, then", "never works"}},
	{id: model.SaysWorksInside, any: []string{"from inside the cluster", "from within the cluster", "from the nodes", "from any node", "from every node", "from every kubernetes node", "from a node", "from the node", "on the nodes", "on the worker nodes", "from inside any node", "within cluster", "inside the cluster", "from a pod", "from pods", "from the pods", "from the master", "only internally", "cluster nodes", "from all nodes"},
		with: yes, none: []string{"does not work from", "doesn't work from", "not reachable from the node", "cannot reach it from the node", "can not from"}},
	{id: model.SaysFailsOutside, any: []string{"from outside", "outside of the cluster", "outside the cluster", "from my laptop", "from my notebook", "from another machine", "from another vm", "from the lan", "from external", "externally", "from my pc", "from the internet", "from other machines", "from a client", "from the client", "from my machine", "only internally", "from the office", "through the router"},
		with: no, none: []string{"works from outside", "works from my", "curl from my pc works", "can reach it from outside", "from outside works", "fine from outside"}},
	{id: model.SaysFailsInside, any: []string{"not from inside", "but not from the nodes", "but not from within", "not from pods", "not from a pod", "not work from inside", "fails from inside", "fails inside the cluster", "not reachable from pods", "not reachable from inside", "pods cannot reach", "pods can't reach", "nodes cannot reach", "from pods it does not", "from the nodes it does not"}},
	{id: model.SaysOnlyOnNode, any: []string{"only from the node", "only on the node", "only works on the node", "only works from the node", "only reachable from the node", "only the node that", "except from the node", "except the node", "only from the announcing", "only from the leader"}},
	{id: model.SaysIntermittent, any: []string{"sometimes", "intermittent", "randomly", "random ", "every other", "sporadic", "from time to time", "now and then", "works, then it does not", "flaky", "on and off", "unstable", "occasionally", "once in a while"}},
	{id: model.SaysAfterWhile, any: []string{"after a while", "after some time", "after a few", "after several", "after some minutes", "after some hours", "after one hour", "after a day", "stops working", "stopped working", "for a while then"}},
	{id: model.SaysSniffingHelps, any: []string{"tcpdump"}, all: []string{"work"}, none: []string{"tcpdump shows", "network"}},
	{id: model.SaysSniffingHelps, any: []string{"as long as tcpdump", "while tcpdump", "when tcpdump", "once tcpdump", "as soon as i start tcpdump", "as soon as tcpdump", "while wireshark", "as long as wireshark", "while i sniff", "while sniffing", "when i run tcpdump", "if i run tcpdump", "when running tcpdump", "while running tcpdump", "solange tcpdump", "solange ein tcpdump", "wenn tcpdump"},
		with: []string{"answer", "reach", "repl", "respond", "ping", "curl", "connect", "fine", "ok", "geht", "funktioniert", "erreichbar"}, none: []string{"nothing", "not work", "still not", "doesn't work", "does not", "no repl", "no answer"}},
	{id: model.SaysSniffingHelps, any: []string{"promiscuous", "promisc"}, with: []string{"reachable", "answers", "helps", "fixes", "solves", "starts to", "geht", "erreichbar"}, none: []string{"not help", "n't help", "n't fix", "not reachable", "no effect", "nothing"}},
	{id: model.SaysSniffingHelps, any: []string{"promisc on", "promiscuous mode"}, all: []string{"work"}, none: []string{"network"}},
	{id: model.SaysRestartHelps, any: []string{"restart", "reboot", "delete the speaker", "deleting the speaker", "killing the speaker"}, all: nil, none: []string{"doesn't help", "does not help", "didn't help", "did not help", "not me", "restarts", "no effect", "nothing", "still"}},
	{id: model.SaysRestartNoHelp, any: []string{"restart", "reboot"}, all: nil, none: []string{"restarts", "helped", "fixes", "works again", "solves"}},
	{id: model.SaysAfterUpgrade, any: []string{"after the upgrade", "after upgrad", "after an upgrade", "since the upgrade", "since upgrad", "after updat", "since i upgraded", "after i upgraded", "after the update", "upgraded from", "upgrade from", "after bump"}},
	{id: model.SaysAfterReboot, any: []string{"after a reboot", "after reboot", "after the reboot", "rebooted", "power outage", "power failure", "after restart of the node", "after the power"}},
	{id: model.SaysAfterChange, any: []string{"since yesterday", "since today", "since last", "after we changed", "after changing", "after i changed", "after adding", "since i installed", "since we", "after a `kubeadm reset`", "after migrat", "after moving", "we moved", "replaced the switch", "new switch", "new router", "new firewall"}},
	{id: model.SaysPending, any: []string{"<pending>", "stays pending", "stuck in pending", "stuck at pending", "is pending", "remains pending", "still pending", "waits forever", "no external ip", "no external-ip", "doesn't get an ip", "does not get an ip", "not get an external"}},
	{id: model.SaysNotInIPAddr, any: []string{"ip a)", "ip a ", "ip addr", "ifconfig", "network card", "on the interface", "on any interface"}, all: []string{"n"}, none: []string{"$ ip", "# ip", "strict"}},
	{id: model.SaysNoErrors, any: []string{"no errors", "no error", "look good", "nothing special", "looks fine", "nothing suspicious", "could not find an error", "logs are clean", "looks good"}},
	{id: model.SaysScaryLog, any: []string{"should i be worried", "should i worry", "is my metallb broken", "is this normal", "is that normal", "spamming", "log is full", "is it harmless", "what does this mean", "prints this, many", "writes an error every"}},
	{id: model.SaysLargeFails, any: []string{"large files", "large file", "large response", "big response", "big files", "large packets", "large download", "big download", "small requests work", "small files", "large page", "large uploads", "only small"}},
	{id: model.SaysSlow, any: []string{"very slow", "is slow", "takes long", "takes ages", "slowly", "latency", "takes a minute", "delay of"}},
	{id: model.SaysIdle, any: []string{"idle", "no traffic for", "inactive", "inactivity", "no activity", "keepalive", "keep-alive", "quiet for", "without traffic", "long-lived", "long lived", "long-running connection"}, none: []string{"state idle", "idle (", "active idle", "idle0"}},
	{id: model.SaysOneEndpointOnly, any: []string{"always the same pod", "always pod", "always the same node", "only one pod", "only one node", "all traffic goes to", "takes all", "only one of the", "not balance", "doesn't balance", "does not balance", "no load balancing", "not load balanc", "same pod answers", "to balance"}},
	{id: model.SaysSomeFail, any: []string{"a third of", "half of the", "some requests", "part of the requests", "every second request", "every third", "one out of", "of the requests fail", "some of the requests", "1 of 3", "50%", "33%"}},
	{id: model.SaysNoARP, any: []string{"no arp", "arp is not answered", "no answer to arp", "arp request is not", "not answering arp", "no arp repl", "arp incomplete", "incomplete arp", "not reply to arp", "not respond to arp", "doesn't respond to arp"}},
	{id: model.SaysWrongMAC, any: []string{"wrong mac", "different mac", "two mac address", "two macs", "several mac address", "multiple mac", "mac changes", "another mac", "mac flapping", "mac flap", "duplicate ip"}},
	{id: model.SaysSessionDown, any: []string{"session is down", "session does not come up", "session doesn't come up", "not established", "never established", "no bgp session", "stuck in active", "stuck in connect", "stuck in idle", "stays in active", "stays in connect", "stays active", "peer is down", "sessions are down", "session flap", "never sees an open"}},
	{id: model.SaysSessionUp, any: []string{"session is up", "sessions are up", "session is established", "sessions are established", "peering is up", "bgp is up", "neighbors are established"}},
	{id: model.SaysNoRoute, any: []string{"no route", "route is missing", "routes are missing", "not in the routing table", "routes are not", "does not receive the route", "doesn't receive", "nobody outside knows a route", "not advertised", "no prefixes", "0 prefixes", "not receive any"}, none: []string{"no route to host"}},
	{id: model.SaysVPN, any: []string{"over vpn", "through vpn", "via vpn", "over a vpn", "through a vpn", "vpn client", "over wireguard", "over tailscale", "the vpn"}},
	{id: model.SaysOtherSegment, any: []string{"other subnet", "another subnet", "different subnet", "other vlan", "another vlan", "different vlan", "another network", "different network", "through the router", "via the router", "behind the router", "not in the same subnet", "other segment"}},
	{id: model.SaysSameSegment, any: []string{"same subnet", "same lan", "same network", "same vlan", "same l2", "same segment", "same broadcast domain"}, none: []string{"not in the same", "not on the same"}},
	{id: model.SaysFailover, any: []string{"failover", "fail over", "fail-over", "when the node goes down", "node goes down", "shut down the node", "drain", "powered off", "leader moved", "moves to another node", "moved to another node"}},
	{id: model.SaysSourceIPLost, any: []string{"source ip", "client ip", "client's ip", "real ip", "preserve the"}, all: nil, none: []string{"source ip address of the"}},
	{id: model.SaysCertificate, any: []string{"certificate", "self-signed", "x509"}, none: []string{"error from server", "kubeadm certs"}},
	{id: model.SaysDNS, any: []string{"dns record", "resolves to", "old dns", "dns entry", "nslookup", "/etc/hosts", "dns points"}},
}
