// Package logs reads the logs of MetalLB, frr-k8s, FRR and its reloader, of all releases from v0.9 to v0.16, and keeps of them what
// a check can use: counted, with the first and the last line of each kind of message.
//
// A line is never held. Which messages there are, and what each means, stands in the tables (table_*.go); what the tables do not
// know and calls itself a warning or an error becomes model.MsgOther. Lines of known format without meaning for a check are
// counted as ignored, lines of no known format as unread.
package logs
