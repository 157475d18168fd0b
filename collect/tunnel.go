package collect

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
)

// A speaker listens on its node's address alone, where a forwarded port, which ends at the pod's localhost, does not reach. A shell
// on the host's network does: the connection goes through an exec, and what is encrypted stays so up to the speaker.

// tunnelScript copies between its own input and output and a TCP port, with whatever program the container has for that.
const tunnelScript = `if command -v bash >/dev/null 2>&1; then exec bash -c 'exec 3<>"/dev/tcp/$0/$1" && { cat <&3 & cat >&3; wait; }' "$0" "$1"; fi
if command -v nc >/dev/null 2>&1; then exec nc "$0" "$1"; fi
echo 'the container has neither bash nor nc' >&2; exit 127`

// tunnel connects to a port that a container's network reaches. The connection ends with the context.
func tunnel(ctx context.Context, cl Cluster, c Container, host string, port int) net.Conn {
	near, far := net.Pipe()
	t := &tunneled{Conn: near}
	ctx, t.cancel = context.WithCancel(ctx)
	errs := &limitedText{max: 1 << 10}
	go func() {
		defer far.Close()
		err := cl.Exec(ctx, c, []string{"sh", "-c", tunnelScript, host, fmt.Sprint(port)}, far, far, errs)
		t.end(err, errs.String())
	}()
	return t
}

// tunneled tells, where a read finds the connection ended, why the command did.
type tunneled struct {
	net.Conn
	cancel context.CancelFunc

	mu  sync.Mutex
	why error
}

func (t *tunneled) end(err error, said string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.why = fmt.Errorf("a connection through a shell on the node: %w %s", err, said)
	}
}

func (t *tunneled) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if err == io.EOF {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.why != nil {
			err = t.why
		}
	}
	return n, err
}

func (t *tunneled) Close() error {
	t.cancel()
	return t.Conn.Close()
}
