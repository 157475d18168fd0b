package vtysh

import "strings"

// missing are lines that commands print instead of a table. The words are exact; the table is that of the command, or the one here.
var missing = []struct{ text, table string }{
	{"BGP instance not found", "bgp"},
	{"Default BGP instance not found", "bgp"},
	{"is unknown", "bgp"}, // View/Vrf red is unknown
	{"No BGP neighbors found", "summary"},
	{"No failed BGP neighbors found", "summary"},
	{"No such neighbor", "neighbors"},
	{"No such neighbor or address family", "neighbors"},
	{"Inbound soft reconfiguration not enabled", "received"},
	{"soft reconfiguration not enabled", "received"},
	{"Network not in table", "bgp"},
	{"Subnet not in table", "rib"},
	{"Network not in table", "rib"},
	{"Unable to find 'peer", "bfd"},
	{"is not running", ""}, // bgpd is not running
	{"failed to connect to any daemons", ""},
	{"BGP not active", "bgp"}, // IOS
	{"No BGP process is configured", "bgp"},
	{"BGP is not enabled", "bgp"},
	{"BGP inactive", "bgp"},
}

// refused are lines that say that the command itself was not understood: nothing was looked at.
var refused = []string{"Unknown command", "Ambiguous command", "Command incomplete", "Invalid input detected", "Incomplete command", "Invalid command"}

// remark takes lines that no block does: errors, and remainders that have a name.
func (p *parser) remark(l Line) verdict {
	t := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l.Text), "%"))
	for _, m := range missing {
		if !strings.Contains(t, m.text) || len(t) > 200 {
			continue
		}
		table := p.sec.cmd.table
		if table == "" {
			table = m.table
		}
		p.show(l, table, 0, t)
		return taken
	}
	for _, r := range refused {
		if strings.Contains(t, r) {
			p.sec.shown = true // an error is no empty table
			return ignored
		}
	}
	for _, x := range leftOver {
		if strings.HasPrefix(t, x) {
			return ignored
		}
	}
	for _, x := range leftOverIn {
		if strings.Contains(t, x) {
			return ignored
		}
	}
	return unread
}

// leftOver are lines around tables that say nothing more.
var leftOver = []string{"RIB entries ", "Peers ", "BGP table version", "Total number of", "Displayed ", "Default local pref", "Status codes", "Origin codes",
	"Nexthop codes", "RPKI validation", "Read-only", "network entries", "path entries", "BGP using", "Neighbor Status Codes", "VRF ", "Threading mode", "Groups: ",
	"Table   ", "inet.0", "inet6.0", "Speaker  ", "Default eBGP mode", "Non-stop routing", "BGP table state", "Table ID: ", "BGP NSR", "BGP is operating in", "BGP scan",
	"BGP community entries"}

var leftOverIn = []string{"network entries", "path entries", "attribute entries", "memory", "scan interval", "BGP activity", "table version"}
