package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// setReason takes the words of "Last reset", of whatever system, and the error that a NOTIFICATION in them named.
func setReason(n *model.BGPNeighbor, words string, src schema.Evidence) {
	words = strings.TrimPrefix(strings.TrimSpace(words), "due to ")
	if words == "" || words == "never" {
		return
	}
	n.LastReset, n.ErrSrc = words, src
	low := strings.ToLower(words)
	switch {
	case strings.HasPrefix(low, "notification sent"), strings.HasPrefix(low, "notification received"):
		// FRR: Notification sent (OPEN Message Error/Bad Peer AS)[ (software version)]
		inner, _, _ := strings.Cut(between(words, "(", ""), ") (")
		n.LastError = strings.TrimSuffix(inner, ")")
		n.LastErrorSent = strings.HasPrefix(low, "notification sent")
		if head, _, cut := strings.Cut(words, ") ("); cut {
			n.LastReset = head + ")"
		}
	case strings.HasPrefix(low, "bgp notification"):
		// IOS: BGP Notification sent, hold time expired; ... received of session 1, Connection Rejected
		_, err, _ := strings.Cut(words, ", ")
		n.LastError, n.LastErrorSent = strings.TrimSpace(err), strings.Contains(low, "notification sent")
	case strings.HasSuffix(words, ")") && !strings.HasSuffix(words, "(RTT)"):
		// FRR from 9.0 on: No path to specified Neighbor (n/a)
		if open := strings.LastIndex(words, " ("); open > 0 {
			n.LastReset = words[:open]
		}
	}
}
