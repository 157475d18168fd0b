package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"regexp"
	"sort"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"
)

// announcer answers ARP for addresses on the interfaces of the node, by packet sockets. NDP is not answered in the lab.
type announcer struct {
	log      *logger
	metrics  *metrics
	exclude  []*regexp.Regexp
	changed  func()
	mu       sync.Mutex
	answered map[netip.Addr]answer
	sockets  map[string]*arpSocket
}

// answer is on which interfaces an address is answered, and until when it is announced unasked.
type answer struct {
	interfaces map[string]bool // nil: all
	until      time.Time
}

type arpSocket struct {
	fd  int
	ifi net.Interface
}

const (
	arpRequest = 1
	arpReply   = 2
)

// newAnnouncer reads the names of interfaces that are left alone.
func newAnnouncer(log *logger, m *metrics, changed func()) *announcer {
	a := &announcer{log: log, metrics: m, changed: changed, answered: map[netip.Addr]answer{}, sockets: map[string]*arpSocket{}}
	var file struct {
		Names []string `yaml:"announcedInterfacesToExclude"`
	}
	if text, err := os.ReadFile("/etc/metallb/excludel2.yaml"); err == nil && yaml.Unmarshal(text, &file) == nil {
		for _, n := range file.Names {
			if re, err := regexp.Compile(n); err == nil {
				a.exclude = append(a.exclude, re)
			}
		}
	}
	return a
}

// run looks at the interfaces each 10 seconds, and announces unasked what was given in the last 5.
func (a *announcer) run(ctx context.Context) {
	scan := time.NewTicker(10 * time.Second)
	tell := time.NewTicker(1100 * time.Millisecond)
	a.scan(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-scan.C:
			a.scan(ctx)
		case <-tell.C:
			a.gratuitous(false)
		}
	}
}

// scan opens a socket on each interface that is served and closes those of interfaces that are gone.
func (a *announcer) scan(ctx context.Context) {
	list, err := net.Interfaces()
	if err != nil {
		return
	}
	here := map[string]bool{}
	for _, ifi := range list {
		if a.excluded(ifi.Name) {
			a.log.debug("announcer.go:77", "event", "announced interface to exclude", "interface", ifi.Name)
			continue
		}
		if ifi.Flags&net.FlagUp == 0 || ifi.Flags&net.FlagBroadcast == 0 || len(ifi.HardwareAddr) != 6 || hasMaster(ifi.Name) {
			continue
		}
		here[ifi.Name] = true
		a.mu.Lock()
		known := a.sockets[ifi.Name] != nil
		a.mu.Unlock()
		if known {
			continue
		}
		s, err := openARP(ifi)
		if err != nil {
			a.log.error("announcer.go:120", "event", "createARPResponder", "interface", ifi.Name, "error", err, "msg", "failed to create ARP responder")
			continue
		}
		a.mu.Lock()
		a.sockets[ifi.Name] = s
		a.mu.Unlock()
		a.log.info("announcer.go:126", "event", "createARPResponder", "interface", ifi.Name, "msg", "created ARP responder for interface")
		go a.answer(ctx, s)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, s := range a.sockets {
		if !here[name] {
			unix.Close(s.fd)
			delete(a.sockets, name)
			a.log.info("announcer.go:150", "event", "deleteARPResponder", "interface", name, "msg", "deleted ARP responder for interface")
		}
	}
}

func (a *announcer) excluded(name string) bool {
	for _, re := range a.exclude {
		if re.MatchString(name) {
			return true
		}
	}
	return false
}

// hasMaster tells whether the interface is a port of a bridge or a bond.
func hasMaster(name string) bool {
	_, err := os.Lstat("/sys/class/net/" + name + "/master")
	return err == nil
}

// interfaces is the names of what can be chosen: all but the excluded ones, sorted.
func (a *announcer) interfaces() []string {
	list, _ := net.Interfaces()
	var out []string
	for _, ifi := range list {
		if !a.excluded(ifi.Name) {
			out = append(out, ifi.Name)
		}
	}
	sort.Strings(out)
	return out
}

// set replaces the addresses that are answered. Those of want that were answered before are announced unasked again, as each pass
// over a Service does in MetalLB.
func (a *announcer) set(want map[netip.Addr]map[string]bool, again map[netip.Addr]bool) {
	a.mu.Lock()
	for ip := range a.answered {
		if _, ok := want[ip]; !ok {
			delete(a.answered, ip)
		}
	}
	for ip, on := range want {
		old, ok := a.answered[ip]
		until := old.until
		if !ok || again[ip] {
			until = time.Now().Add(5 * time.Second)
		}
		a.answered[ip] = answer{on, until}
	}
	a.mu.Unlock()
	a.gratuitous(true)
}

// gratuitous sends a request and a reply for each address that is to be announced unasked; first says that they are all new.
func (a *announcer) gratuitous(first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ip, x := range a.answered {
		if !ip.Is4() || time.Now().After(x.until) || first && time.Until(x.until) < 4900*time.Millisecond {
			continue
		}
		for name, s := range a.sockets {
			if x.interfaces != nil && !x.interfaces[name] {
				continue
			}
			broadcast := net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
			for _, op := range []uint16{arpRequest, arpReply} {
				if s.send(op, s.ifi.HardwareAddr, ip, broadcast, ip) == nil {
					a.metrics.add("metallb_layer2_gratuitous_sent", 1, "ip", ip.String())
				}
			}
		}
	}
}

// answer reads requests until the socket is closed.
func (a *announcer) answer(ctx context.Context, s *arpSocket) {
	buf := make([]byte, 128)
	for ctx.Err() == nil {
		n, _, err := unix.Recvfrom(s.fd, buf, 0)
		if err == unix.EINTR || err == unix.EAGAIN {
			continue
		}
		if err != nil {
			return
		}
		f := buf[:n]
		if n < 42 || binary.BigEndian.Uint16(f[20:]) != arpRequest {
			continue
		}
		to := net.HardwareAddr(f[0:6])
		if !bytes.Equal(to, s.ifi.HardwareAddr) && !bytes.Equal(to, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) {
			continue
		}
		mac, sender := net.HardwareAddr(append([]byte(nil), f[22:28]...)), netip.AddrFrom4([4]byte(f[28:32]))
		ip := netip.AddrFrom4([4]byte(f[38:42]))
		a.mu.Lock()
		x, ok := a.answered[ip]
		a.mu.Unlock()
		if !ok || x.interfaces != nil && !x.interfaces[s.ifi.Name] || bytes.Equal(mac, s.ifi.HardwareAddr) {
			continue
		}
		a.metrics.add("metallb_layer2_requests_received", 1, "ip", ip.String())
		a.log.debug("arp.go:110", "interface", s.ifi.Name, "ip", ip, "senderIP", sender, "senderMAC", mac, "responseMAC", s.ifi.HardwareAddr,
			"msg", "got ARP request for service IP, sending response")
		if err := s.send(arpReply, s.ifi.HardwareAddr, ip, mac, sender); err != nil {
			a.log.error("arp.go:121", "op", "arpReply", "interface", s.ifi.Name, "ip", ip, "error", err, "msg", "failed to send ARP reply")
			continue
		}
		a.metrics.add("metallb_layer2_responses_sent", 1, "ip", ip.String())
	}
}

// openARP opens a packet socket for ARP on an interface.
func openARP(ifi net.Interface) (*arpSocket, error) {
	const arp = unix.ETH_P_ARP<<8&0xff00 | unix.ETH_P_ARP>>8 // in network order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, arp)
	if err != nil {
		return nil, err
	}
	// A time limit lets the reader see that the program ends.
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1})
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: arp, Ifindex: ifi.Index}); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &arpSocket{fd, ifi}, nil
}

// send sends one ARP packet; a request's target hardware address is that of the frame.
func (s *arpSocket) send(op uint16, mac net.HardwareAddr, ip netip.Addr, toMAC net.HardwareAddr, toIP netip.Addr) error {
	var b []byte
	b = append(b, toMAC...)
	b = append(b, s.ifi.HardwareAddr...)
	b = append(b, 0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4)
	b = binary.BigEndian.AppendUint16(b, op)
	b = append(append(b, mac...), ip.AsSlice()...)
	b = append(append(b, toMAC...), toIP.AsSlice()...)
	to := unix.SockaddrLinklayer{Ifindex: s.ifi.Index, Halen: 6}
	copy(to.Addr[:], toMAC)
	return unix.Sendto(s.fd, b, 0, &to)
}
