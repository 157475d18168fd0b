package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"

	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/schema"
)

// pageSize is how many objects the API server is asked for at once: what kubectl asks for.
const pageSize = 500

// maxRestarts is how often a list that grew too old begins anew.
const maxRestarts = 3

// List reads page by page and holds one object at a time. Where the list grows too old between two pages, it goes on with what the
// API server offers for that, or from the beginning without the objects that were given: each object is given once.
func (c *Client) List(ctx context.Context, r collect.Resource, q collect.Query, each func(collect.Object) error) error {
	needs := collect.Permission{Verb: "list", Group: r.Group, Resource: r.Name, Namespace: q.Namespace}
	l := lister{resource: r, each: each}
	next, restarts := "", 0
	for {
		body, err := c.page(r, q, next).Stream(ctx)
		if err == nil {
			next, err = l.read(body)
			body.Close()
		} else if next != "" && apierrors.IsResourceExpired(err) && restarts < maxRestarts {
			restarts++
			next = goOn(err)
			l.skip = next == ""
			continue
		}
		switch {
		case l.err != nil:
			return l.err
		case err != nil:
			return c.fail(ctx, err, needs)
		case next == "":
			return nil
		}
	}
}

func (c *Client) page(r collect.Resource, q collect.Query, next string) *rest.Request {
	req := c.request("GET", r, q.Namespace, "").Param("limit", strconv.Itoa(pageSize))
	for name, value := range map[string]string{"labelSelector": q.Labels, "fieldSelector": q.Fields, "continue": next} {
		if value != "" {
			req = req.Param(name, value)
		}
	}
	return req
}

// goOn is the token with which a list that grew too old goes on as things are now; "" where the API server gives none.
func goOn(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status().ListMeta.Continue
	}
	return ""
}

// lister gives the objects of pages, in their order.
type lister struct {
	resource collect.Resource
	each     func(collect.Object) error
	err      error  // of each
	last     string // the key of the last object that was given
	skip     bool   // those up to last were given before
}

// read gives the objects of one page as they come and returns the token of the next page.
func (l *lister) read(r io.Reader) (next string, err error) {
	d := json.NewDecoder(r)
	d.UseNumber()
	if err := want(d, '{'); err != nil {
		return "", err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", err
		}
		switch key {
		case "metadata":
			var meta struct{ Continue string }
			err = d.Decode(&meta)
			next = meta.Continue
		case "items":
			err = l.items(d)
		default:
			err = d.Decode(new(json.RawMessage))
		}
		if err != nil {
			return "", whole(err)
		}
	}
	return next, whole(want(d, '}'))
}

func (l *lister) items(d *json.Decoder) error {
	open, err := d.Token()
	if err != nil || open == nil { // null: there are none
		return err
	}
	if open != json.Delim('[') {
		return fmt.Errorf("the list's items are no list: %v", open)
	}
	for d.More() {
		var o collect.Object
		if err := d.Decode(&o); err != nil {
			return err
		}
		if err := l.give(o); err != nil {
			return err
		}
	}
	return want(d, ']')
}

func (l *lister) give(o collect.Object) error {
	key := keyOf(o)
	if l.skip && key <= l.last {
		return nil
	}
	l.last, l.skip = key, false
	if err := complete(o, l.resource); err != nil {
		return err
	}
	l.err = l.each(o)
	return l.err
}

// keyOf orders objects as the API server's store does.
func keyOf(o collect.Object) string {
	meta, _ := o["metadata"].(map[string]any)
	namespace, _ := meta["namespace"].(string)
	name, _ := meta["name"].(string)
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// complete makes numbers int64 and float64, and names the kind, which objects in lists of the API server's own kinds lack.
func complete(o collect.Object, r collect.Resource) error {
	if err := utiljson.ConvertMapNumbers(o, 0); err != nil {
		return err
	}
	if o["kind"] == nil && r.Kind != "" {
		o["kind"] = r.Kind
	}
	if o["apiVersion"] == nil {
		version := r.Version
		if version == "" {
			version = "v1"
		}
		o["apiVersion"] = strings.TrimPrefix(r.Group+"/"+version, "/")
	}
	return nil
}

func want(d *json.Decoder, delim json.Delim) error {
	t, err := d.Token()
	if err == nil && t != delim {
		err = fmt.Errorf("the answer is not the JSON of a list: %v where %v is wanted", t, delim)
	}
	return err
}

// whole tells an answer that ends in its middle from one that is no JSON.
func whole(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the answer ends in its middle: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// Get reads one object.
func (c *Client) Get(ctx context.Context, r collect.Resource, namespace, name string) (collect.Object, error) {
	return c.object(ctx, c.request("GET", r, namespace, name), r,
		collect.Permission{Verb: "get", Group: r.Group, Resource: r.Name, Namespace: namespace, Name: name})
}

// object sends a request whose answer is an object.
func (c *Client) object(ctx context.Context, req *rest.Request, r collect.Resource, needs collect.Permission) (collect.Object, error) {
	body, err := c.do(ctx, req, needs)
	if err != nil {
		return nil, err
	}
	var o collect.Object
	if err := utiljson.Unmarshal(body, &o); err != nil {
		return nil, c.fail(ctx, fmt.Errorf("the answer is not the JSON of an object: %w", err), needs)
	}
	return o, complete(o, r)
}

// tableOnly asks for the printed form and accepts nothing else.
const tableOnly = "application/json;as=Table;g=meta.k8s.io;v=v1"

// Table asks for the printed columns alone: no object, not even its metadata, leaves the API server. Rows of all namespaces do
// not say which one they are of.
func (c *Client) Table(ctx context.Context, r collect.Resource, q collect.Query) (collect.Table, error) {
	needs := collect.Permission{Verb: "list", Group: r.Group, Resource: r.Name, Namespace: q.Namespace}
	var all collect.Table
	next := ""
	for {
		body, err := c.do(ctx, c.page(r, q, next).Param("includeObject", "None").SetHeader("Accept", tableOnly), needs)
		if err != nil {
			return all, err
		}
		var page struct {
			Kind     string
			Metadata struct{ Continue string }
			Columns  []struct{ Name string }  `json:"columnDefinitions"`
			Rows     []struct{ Cells []cell } `json:"rows"`
		}
		if err := json.Unmarshal(body, &page); err != nil || page.Kind != "Table" {
			return all, &collect.Error{Status: schema.StatusFailed, Err: fmt.Errorf("the API server does not print %s as a table", r)}
		}
		if all.Columns == nil {
			for _, column := range page.Columns {
				all.Columns = append(all.Columns, column.Name)
			}
		}
		for _, row := range page.Rows {
			cells := make([]string, len(row.Cells))
			for i, cell := range row.Cells {
				cells[i] = string(cell)
			}
			all.Rows = append(all.Rows, cells)
		}
		if next = page.Metadata.Continue; next == "" {
			return all, nil
		}
	}
}

// cell is a cell of any type as text; null is "".
type cell string

func (c *cell) UnmarshalJSON(data []byte) error {
	var text string
	switch {
	case string(data) == "null":
	case json.Unmarshal(data, &text) == nil:
	default:
		text = string(data)
	}
	*c = cell(text)
	return nil
}
