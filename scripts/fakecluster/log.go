package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// log answers a pod's log: whole, its first bytes, or its last lines, without making what is not asked for.
func (c *cluster) log(w http.ResponseWriter, q *http.Request) {
	node := 0
	if _, number, ok := strings.Cut(q.PathValue("pod"), "speaker-"); ok {
		node, _ = strconv.Atoi(number)
	}
	switch sick := node * 37 % 100; {
	case strings.HasPrefix(q.PathValue("pod"), "controller"):
	case sick < c.hang:
		<-q.Context().Done()
		return
	case sick < c.hang+c.fail:
		refuse(w, 500, "InternalError", "Get \"https://10.1.0.1:10250/containerLogs\": dial tcp 10.1.0.1:10250: connect: connection refused")
		return
	}
	lines := int(c.logMiB * (1 << 20) / lineBytes)
	from := 0
	if tail, err := strconv.Atoi(q.URL.Query().Get("tailLines")); err == nil {
		from = max(lines-tail, 0)
	}
	room := int64(1 << 40)
	if limit, err := strconv.ParseInt(q.URL.Query().Get("limitBytes"), 10, 64); err == nil {
		room = limit
	}
	w.Header().Set("Content-Type", "text/plain")
	rng := rand.New(rand.NewPCG(uint64(node), uint64(from)))
	var b bytes.Buffer
	for i := from; i < lines && room > 0; i++ {
		line(&b, rng, i, node)
		if b.Len() >= 64<<10 || i == lines-1 || int64(b.Len()) >= room {
			n := min(int64(b.Len()), room)
			if _, err := w.Write(b.Bytes()[:n]); err != nil {
				return
			}
			room -= n
			b.Reset()
		}
	}
}

// lineBytes is about how long a line is.
const lineBytes = 190

// line writes a line of a speaker's log at debug level; one in fifty says that a Service is announced.
func line(w io.Writer, rng *rand.Rand, i, node int) {
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC).Add(time.Duration(i) * 40 * time.Millisecond)
	stamp, ts, s := at.Format("2006-01-02T15:04:05.000000000Z"), at.Format(time.RFC3339), rng.IntN(1000)
	if i%50 == 0 {
		fmt.Fprintf(w, `%s {"caller":"main.go:420","event":"serviceAnnounced","ips":["%s"],"level":"info","msg":"service has IP, announcing","pool":"pool","protocol":"layer2","ts":"%s"}`+"\n", stamp, address(s), ts)
		return
	}
	fmt.Fprintf(w, `%s {"caller":"arp.go:110","interface":"ens%d","ip":"%s","level":"debug","msg":"got ARP request for service IP, sending response","senderIP":"10.1.%d.%d","senderMAC":"52:54:00:%02x:%02x:%02x","ts":"%s"}`+"\n",
		stamp, rng.IntN(4), address(s), node/250, rng.IntN(250), rng.IntN(256), rng.IntN(256), rng.IntN(256), ts)
}
