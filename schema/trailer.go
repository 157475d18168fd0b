package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Status says how a step of a collection ended.
type Status string

// The statuses of a step. All but StatusOK and StatusEmpty leave something out that was asked for.
const (
	StatusOK        Status = "ok"        // all that was asked for is in the bundle
	StatusEmpty     Status = "empty"     // asked and answered: there is nothing of the kind
	StatusForbidden Status = "forbidden" // the cluster refused; Error names the permission
	StatusNotFound  Status = "not-found" // the cluster does not know the resource, pod, command or file
	StatusTimeout   Status = "timeout"   // not done within the step's limit in time; what had come is in the bundle
	StatusCut       Status = "cut"       // ended at the step's limit in size; the beginning (of a log: the end) is in the bundle
	StatusFailed    Status = "failed"    // anything else; Error says what
	StatusSkipped   Status = "skipped"   // not tried: the call or an earlier step ruled it out; Error says which
)

// Statuses lists all statuses.
var Statuses = []Status{StatusOK, StatusEmpty, StatusForbidden, StatusNotFound, StatusTimeout, StatusCut, StatusFailed, StatusSkipped}

// Complete says that the step got everything that there was to get.
func (s Status) Complete() bool { return s == StatusOK || s == StatusEmpty }

// Trailer is trailer.json, the last member of a bundle. A bundle without one was cut.
type Trailer struct {
	Format  string        `json:"format"`  // BundleFormat
	Version int           `json:"version"` // that of the header
	Ended   Time          `json:"ended"`   // when the collection ended, by the clock of Header.Created
	Steps   []Step        `json:"steps"`   // in the order in which they were planned
	Members []MemberEntry `json:"members"` // in the order of the bundle; without the header and the trailer
	Digest  string        `json:"digest"`  // of Members, see Trailer.Sum
}

// Step is one thing that the collection wanted, and how that went.
type Step struct {
	Name       string `json:"name"` // unique in the bundle; where the step writes members, the path or the folder that they have
	Status     Status `json:"status"`
	DurationMS int64  `json:"duration_ms"` // milliseconds; 0 for a skipped step
	Error      string `json:"error"`       // "" when Status says it all
	Node       string `json:"node,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
	Pod        string `json:"pod,omitempty"`
	Container  string `json:"container,omitempty"`
}

// MemberEntry is one member of the bundle, as the writer saw it.
type MemberEntry struct {
	Path      string `json:"path"`
	Size      int64  `json:"size"`   // bytes
	SHA256    string `json:"sha256"` // of the content, 64 lower-case hexadecimal digits
	Step      string `json:"step"`   // Name of the step that wrote it; "" for what the user attached
	Node      string `json:"node,omitempty"`
	Namespace string `json:"namespace,omitempty"` // of the pod, or of the objects
	Pod       string `json:"pod,omitempty"`
	Container string `json:"container,omitempty"`
	Previous  bool   `json:"previous,omitempty"` // the log of the container's previous run
}

// Sum is the digest of the list of members: the SHA-256, as 64 lower-case hexadecimal digits, of one line a member in the
// order of the list, each the member's SHA256, a blank, its size in decimal, a blank, its path and a line feed.
func (t *Trailer) Sum() string {
	h := sha256.New()
	for _, m := range t.Members {
		fmt.Fprintf(h, "%s %d ", m.SHA256, m.Size)
		io.WriteString(h, m.Path)
		io.WriteString(h, "\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}
