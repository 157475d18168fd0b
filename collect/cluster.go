// Package collect gathers, from a live cluster, what is needed to explain why a Service of type LoadBalancer is not reachable: it
// plans steps, runs them side by side within limits, and packs what they brought into a bundle that says of each step how it ended.
package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Object is a Kubernetes object as its JSON decodes: map[string]any, []any, string, bool, int64 and float64.
type Object = map[string]any

// Resource is a kind of objects that the cluster serves.
type Resource struct {
	Group, Version, Name string // "metallb.io", "v1beta1", "ipaddresspools"
	Kind                 string
	Namespaced           bool
	Verbs                []string
}

// String is the name as kubectl takes it: ipaddresspools.metallb.io, services.
func (r Resource) String() string {
	if r.Group == "" {
		return r.Name
	}
	return r.Name + "." + r.Group
}

// Query narrows a list. Empty fields do not narrow it.
type Query struct {
	Namespace, Labels, Fields string
}

// Container names a container of a pod.
type Container struct{ Namespace, Pod, Name string }

// LogQuery is what of a container's log is wanted. Every line comes with its time in front.
type LogQuery struct {
	Container
	Previous  bool
	Since     time.Duration // 0: from the beginning
	TailLines int64         // 0: all
	MaxBytes  int64         // 0: all; else the log ends after so many bytes
}

// Table is a list as the API server prints it.
type Table struct {
	Columns []string
	Rows    [][]string
}

// Identity is what the cluster is called and which Kubernetes it runs.
type Identity struct {
	Context string // name of the kubeconfig's context; "" without a kubeconfig
	Version string // v1.34.4
	User    string // "" when the cluster does not tell
}

// Cluster reads. Errors are an *Error where the cluster answered with one that has a status of its own; what came before an error
// is valid. Implementations are for several goroutines at once, and heed the context.
type Cluster interface {
	Identify(ctx context.Context) (Identity, error)
	// Resources lists what the cluster serves, each group's preferred version, or the only one that has a resource. With an error,
	// what is listed is what could be found out all the same.
	Resources(ctx context.Context) ([]Resource, error)
	// List gives every object, page by page, in the order of the API server: by namespace and name. It ends early with the error
	// that each returns.
	List(ctx context.Context, r Resource, q Query, each func(Object) error) error
	Get(ctx context.Context, r Resource, namespace, name string) (Object, error)
	// Table lists as `kubectl get` does, for what must not be read as objects.
	Table(ctx context.Context, r Resource, q Query) (Table, error)
	Log(ctx context.Context, q LogQuery) (io.ReadCloser, error)
	// Exec runs a command; stdin may be nil. A command that ends with a status other than 0 is an *ExitError.
	Exec(ctx context.Context, c Container, command []string, stdin io.Reader, stdout, stderr io.Writer) error
	// Dial connects to a TCP port of a pod.
	Dial(ctx context.Context, namespace, pod string, port int) (net.Conn, error)
	// Allowed asks whether the caller has a permission.
	Allowed(ctx context.Context, p Permission) (bool, error)
	// Describe is what `kubectl describe` prints.
	Describe(ctx context.Context, r Resource, namespace, name string) (string, error)
	// BearerToken is the token that the caller presents to the API server; "" for a caller with a certificate or none.
	BearerToken() string
}

// Changer changes the cluster. A collection that changes nothing has none.
type Changer interface {
	// Patch sends a merge patch and returns the object as it is then.
	Patch(ctx context.Context, r Resource, namespace, name string, merge []byte) (Object, error)
	// Replace sends a whole object; the cluster refuses it where its resourceVersion is not the present one.
	Replace(ctx context.Context, r Resource, o Object) (Object, error)
	Create(ctx context.Context, r Resource, o Object) (Object, error)
	// Delete deletes an object. One that is not there is no error.
	Delete(ctx context.Context, r Resource, namespace, name string) error
	// AddEphemeral adds an ephemeral container, a core/v1 EphemeralContainer, to a pod. It stays until the pod is deleted.
	AddEphemeral(ctx context.Context, namespace, pod string, container Object) error
	// Token asks for a token of a ServiceAccount.
	Token(ctx context.Context, namespace, serviceAccount string, lifetime time.Duration) (string, error)
}

// Cleaner removes secrets from everything before it is written (collect/clean).
type Cleaner interface {
	// Object removes secrets from an object, in place.
	Object(o Object)
	// Text returns a writer that removes secrets from what goes through it; path is that of the member. It must be closed.
	Text(path string, w io.Writer) io.WriteCloser
	// Known counts the secret values that were seen so far. Text that was written when fewer were known has to go through Again.
	Known() int
	// Again writes r to w without the values that are known by now, and says whether anything was removed.
	Again(w io.Writer, r io.Reader) (bool, error)
	// Token makes a token known beforehand, that of the caller.
	Token(token string)
	// Passed says why a member went through Text as it was, such as an archive; "" for one that was cleaned.
	Passed(path string) string
}

// Permission is one thing that a role can allow.
type Permission struct {
	Verb, Group, Resource, Subresource string
	Namespace, Name                    string // "" for all
	URL                                string // of a non-resource URL, without the fields of resources
}

// String writes it as a message needs it: "get pods/log in metallb-system", "list services in all namespaces".
func (p Permission) String() string {
	if p.URL != "" {
		return p.Verb + " " + p.URL
	}
	var b strings.Builder
	b.WriteString(p.Verb + " " + p.Resource)
	if p.Group != "" {
		b.WriteString("." + p.Group)
	}
	if p.Subresource != "" {
		b.WriteString("/" + p.Subresource)
	}
	if p.Name != "" {
		b.WriteString(" " + p.Name)
	}
	if p.Namespace != "" {
		return b.String() + " in " + p.Namespace
	}
	return b.String()
}

// Error is an answer of the cluster that tells how a step ends.
type Error struct {
	Status schema.Status // forbidden, not-found, timeout or failed
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the error of the client.
func (e *Error) Unwrap() error { return e.Err }

// ExitError is how a command ended that could be started.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("the command ended with status %d", e.Code) }

// StatusOf is the status that an error gives a step: that of an *Error, timeout for a context that ended, else failed.
func StatusOf(err error) schema.Status {
	var answer *Error
	switch {
	case err == nil:
		return schema.StatusOK
	case errors.As(err, &answer):
		return answer.Status
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return schema.StatusTimeout
	case errors.Is(err, errFull):
		return schema.StatusCut
	}
	return schema.StatusFailed
}
