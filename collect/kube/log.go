package kube

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/schema"
)

var pods = collect.Resource{Version: "v1", Name: "pods", Kind: "Pod", Namespaced: true}

// Log streams a log. An error in its middle is an *collect.Error too; what came before it stands.
func (c *Client) Log(ctx context.Context, q collect.LogQuery) (io.ReadCloser, error) {
	needs := collect.Permission{Verb: "get", Resource: "pods", Subresource: "log", Namespace: q.Namespace}
	req := c.request("GET", pods, q.Namespace, q.Pod, "log").Param("timestamps", "true")
	if q.Name != "" {
		req = req.Param("container", q.Name)
	}
	if q.Previous {
		req = req.Param("previous", "true")
	}
	if q.Since > 0 { // whole seconds, rather one too many
		req = req.Param("sinceSeconds", strconv.FormatInt(int64((q.Since+time.Second-1)/time.Second), 10))
	}
	if q.TailLines > 0 {
		req = req.Param("tailLines", strconv.FormatInt(q.TailLines, 10))
	}
	if q.MaxBytes > 0 {
		req = req.Param("limitBytes", strconv.FormatInt(q.MaxBytes, 10))
	}
	body, err := req.Stream(ctx)
	if err != nil {
		return nil, c.fail(ctx, err, needs)
	}
	l := &logReader{ctx: ctx, client: c, needs: needs, body: body, lines: bufio.NewReaderSize(body, 32<<10)}
	if err := l.refused(); err != nil {
		body.Close()
		return nil, err
	}
	return l, nil
}

// noLog begins what the kubelet writes in place of a log whose file is gone, with the code of success. A line of a log cannot begin
// so: its time stands in front.
const noLog = "unable to retrieve container logs for "

type logReader struct {
	ctx    context.Context
	client *Client
	needs  collect.Permission
	body   io.ReadCloser
	lines  *bufio.Reader
}

func (l *logReader) refused() error {
	head, _ := l.lines.Peek(len(noLog)) // an error comes again with the first Read
	if !bytes.Equal(head, []byte(noLog)) {
		return nil
	}
	text, err := l.lines.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return l.client.fail(l.ctx, err, l.needs)
	}
	return &collect.Error{Status: schema.StatusNotFound, Err: fmt.Errorf("the node has no log of it: %s", bytes.TrimSpace([]byte(text)))}
}

func (l *logReader) Read(p []byte) (int, error) {
	n, err := l.lines.Read(p)
	if err != nil && err != io.EOF {
		err = l.client.fail(l.ctx, err, l.needs)
	}
	return n, err
}

func (l *logReader) Close() error { return l.body.Close() }
