// Package text reads what people paste and tools print beside logs and objects: probes (curl, ping, arping, nc, traceroute),
// packets of tcpdump, addresses, routes, neighbours, settings, rules of firewalls, sockets, and the prose around them.
//
// Each tool has one file and one state machine that takes a line at a time, so that a dump of any size needs memory for its
// result only. A member may be one command's output (Origin.Command) or a whole session with prompts; in a session each
// command chooses its tool. Lines that no tool takes are looked at for remarks (model.Remark): errors and facts of a general kind.
//
// A person's words become remarks whose names begin with "says-". They are never facts.
package text
