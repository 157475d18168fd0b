package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// readError knows what the API server, or the way to it, says in an error; id is "" for any other text. value is "VERB RESOURCE" of
// what is forbidden, the kind of what is not served, and the address of a port in use.
func readError(err []byte) (id model.MessageID, value []byte) {
	has := func(s string) bool { return bytes.Contains(err, []byte(s)) }
	switch {
	case len(err) == 0:
		return "", nil
	case has(" is forbidden: ") && (has("cannot ") || has("User ")) || has("forbidden: User "):
		return model.MsgForbidden, forbiddenOf(err)
	case has("no matches for kind "), has("could not find the requested resource"), has("no kind is registered for the type"):
		return model.MsgNotServed, kindOf(err)
	case has("address already in use"):
		return model.MsgPortInUse, boundAddress(err)
	case has("failed calling webhook"), has("conversion webhook for "):
		return model.MsgWebhookErr, webhookOf(err)
	case has("x509: "), has("Unauthorized"), has("the server has asked for the client to provide credentials"),
		has("etcdserver: "), has("the server is currently unable to handle the request"), has("apiserver not ready"):
		return model.MsgAPIError, nil
	}
	if !aboutAPI(err) {
		return "", nil
	}
	switch {
	case has("connection refused"), has("i/o timeout"), has("no route to host"), has("no such host"), has("network is unreachable"),
		has("context deadline exceeded"), has("TLS handshake timeout"), has("connection reset by peer"), has("unexpected EOF"),
		has("http2: client connection lost"), has("Client.Timeout exceeded"), has(": EOF"), has("server misbehaving"), has("operation not permitted"):
		return model.MsgAPIError, nil
	}
	return "", nil
}

// aboutAPI tells a call of the API server from other connections: it names a URL.
func aboutAPI(err []byte) bool {
	return bytes.Contains(err, []byte(`"https://`)) || bytes.Contains(err, []byte(`"http://`)) ||
		bytes.Contains(err, []byte("Get https://")) || bytes.Contains(err, []byte("failed to get API group resources")) ||
		bytes.Contains(err, []byte("failed to get server groups"))
}

// forbiddenOf reads `... cannot list resource "ipaddresspools" in API group "metallb.io" ...` as "list ipaddresspools".
func forbiddenOf(err []byte) []byte {
	_, rest, ok := bytes.Cut(err, []byte(" cannot "))
	if !ok {
		return nil
	}
	verb, rest, ok := bytes.Cut(rest, []byte(" resource "))
	if !ok || bytes.IndexByte(verb, ' ') >= 0 {
		// before Kubernetes 1.12: cannot list nodes at the cluster scope
		verb, rest, _ = bytes.Cut(rest, []byte(" "))
	}
	rest = bytes.TrimPrefix(rest, []byte(`"`))
	end := bytes.IndexAny(rest, "\" ")
	if end < 0 {
		end = len(rest)
	}
	return append(append(bytes.Clone(verb), ' '), rest[:end]...)
}

// kindOf finds the kind that is not served: after "no matches for kind", or the type whose list failed.
func kindOf(err []byte) []byte {
	if _, rest, ok := bytes.Cut(err, []byte(`no matches for kind "`)); ok {
		kind, _, _ := bytes.Cut(rest, []byte(`"`))
		return kind
	}
	if _, rest, ok := bytes.Cut(err, []byte("failed to list ")); ok {
		return typeName(rest)
	}
	return nil
}

// typeName is the kind in "*v1beta1.IPAddressPool: ...".
func typeName(b []byte) []byte {
	word, _, _ := bytes.Cut(b, []byte(":"))
	word, _, _ = bytes.Cut(word, []byte(" "))
	if i := bytes.LastIndexByte(word, '.'); i >= 0 {
		word = word[i+1:]
	}
	return word
}

// boundAddress is the address in "listen tcp 192.0.2.1:7946: bind: address already in use".
func boundAddress(err []byte) []byte {
	head, _, ok := bytes.Cut(err, []byte(": bind: address already in use"))
	if !ok {
		return nil
	}
	return head[bytes.LastIndexByte(head, ' ')+1:]
}

// webhookOf is the name in `failed calling webhook "x"`.
func webhookOf(err []byte) []byte {
	_, rest, ok := bytes.Cut(err, []byte(`failed calling webhook "`))
	if !ok {
		return nil
	}
	name, _, _ := bytes.Cut(rest, []byte(`"`))
	return name
}

// alsoSays notes what an event's error says of the API server, the permissions or a port, as an event of its own: checks look for
// these whatever the program was about.
func (l *reading) alsoSays(s *sighting) {
	id, value := readError(s.err)
	if id == "" || id == s.id {
		return
	}
	also := sighting{id: id, level: s.level, text: s.text, service: s.service, err: s.err, value: value, benign: s.benign}
	if id == model.MsgWebhookErr {
		also.reason = []byte(reasonCall)
	}
	l.note(&also)
	l.p.seen.Taken-- // the line is counted already
}
