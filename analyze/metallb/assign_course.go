package metallb

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// Operation is one change to a cluster while the controller runs. Exactly one field is set.
type Operation struct {
	Apply      *model.Objects // objects that are created or replaced; of a Service, what the controller wrote stays
	Delete     string         // NAMESPACE/NAME of a Service
	DeletePool string         // name of an IPAddressPool
	Restart    bool           // a new controller process
}

// Moment is what can be seen of the controller's work once it has come to rest.
type Moment struct {
	// Services has, for each Service in the cluster, nothing, or the pool and the addresses in their order. The pool is "" where the
	// controller holds nothing for the Service although its status has addresses.
	Services map[string][]string
	// PoolError is why the pools are not taken, "" when they are.
	PoolError string
	// Unsettled: the controller never rests; Churning are the Services that it keeps rewriting, sorted. Services is nil then.
	Unsettled bool
	Churning  []string
}

// Key is a text that is equal for equal moments.
func (m Moment) Key() string {
	if m.Unsettled {
		return fmt.Sprintf("unsettled %q", m.Churning)
	}
	names := make([]string, 0, len(m.Services))
	for n := range m.Services {
		names = append(names, n)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%s=%q ", n, m.Services[n])
	}
	return b.String() + m.PoolError
}

// ErrTooLarge is returned where a scenario has too many Services or too many ways to go.
var ErrTooLarge = errors.New("too many services or courses to follow")

const (
	maxServices = 12      // that one scenario may have
	maxWorlds   = 200_000 // that one step may pass through
)

// world is one state of the cluster and of the controller's memory, by the numbers of sim's tables.
type world struct {
	held    [maxServices]uint16 // what the controller thinks that each Service holds; 0 nothing
	rec     [maxServices]uint16 // what the cluster's object says
	pending uint32              // waiting changes: a bit a Service, and the bits below
	queue   [arrivalSlots]uint8 // where flagArrival is set: what is pending in the order of arrival, numbers of bits plus one
	places  [maxServices]uint8  // until v0.13.12: the controller's map of what is held, by place the number of the Service plus one
	set     int16               // the pools in use; 0: none read yet
	trouble uint16              // why the last reading of the pools failed, by number; 0: it did not
	flags   uint8
}

const (
	pendingPools  uint32 = 1 << 31 // the pools are to be read
	pendingReload uint32 = 1 << 30 // all Services are to be processed
	pendingSync   uint32 = 1 << 29 // until v0.12.1: the word that all objects have been listed
)

const (
	flagLoaded  uint8 = 1 << iota // all Services were processed once (v0.14.0)
	flagSynced                    // pendingSync was processed
	flagArrival                   // waiting changes are taken in the order in which they came
	flagTried                     // reading the pools failed in this step, and no Service was written since
)

// Worlds are states in which a scenario may be, with the chance of each.
type Worlds map[world]float64

// Simulation follows the controller through a scenario, in every way that chance allows: NewSimulation, Begin, then for each step
// Settle, Do and After.
type Simulation struct {
	in    Input
	rules allocRules
	old   bool // until v0.12.1: ConfigMap, one queue
	early bool // until v0.13.12: order arbitrary at start, pools that leave an address outside are refused

	keys     []string         // of the Services
	services []*model.Service // as they are now; nil: not in the cluster
	claims   []*claim
	change   func(world) Worlds // what the last operation did

	holdings []*holding
	records  []record
	heldID   map[string]uint16
	recID    map[string]uint16

	sets     []*poolSet // pools that were in use in some world
	setIDs   []string
	fresh    []freshSet // what reading the pools now may give
	refusals []string   // why the pools as they are now are refused, in each way that the message may have
	chances  []float64  // of refusals
	words    []string   // the table of trouble
}

// NewSimulation starts with the objects of in and a controller that has just been started.
func NewSimulation(in Input) (*Simulation, error) {
	s := &Simulation{in: in, rules: rulesOf(in.Version), heldID: map[string]uint16{}, recID: map[string]uint16{}}
	s.old = s.rules.version.Until("v0.12.1")
	s.early = s.rules.version.Until("v0.13.12")
	objects := *in.Objects
	s.in.Objects = &objects
	s.holdings, s.records = []*holding{nil}, []record{{}}
	s.recID[recordKey(record{})] = 0
	s.words = []string{""}
	s.sets, s.setIDs = []*poolSet{nil}, []string{"none read"}
	for _, svc := range objects.Services {
		if _, err := s.put(svc); err != nil {
			return nil, err
		}
	}
	s.readPools()
	return s, nil
}

// Begin is the world at the start of the controller.
func (s *Simulation) Begin() Worlds {
	w := world{}
	for i, svc := range s.services {
		w.rec[i] = s.record(recordOf(s.rules.version, svc))
	}
	out := Worlds{}
	for _, flags := range []uint8{0, flagArrival} {
		w.flags = flags
		for n, chance := range s.started(w) {
			out[n] += chance / 2
		}
	}
	return out
}

// all is the bits of the Services in the cluster.
func (s *Simulation) all() uint32 {
	var bits uint32
	for i, svc := range s.services {
		if svc != nil {
			bits |= 1 << i
		}
	}
	return bits
}

// put creates or replaces a Service and returns its number.
func (s *Simulation) put(svc *model.Service) (int, error) {
	i := slices.Index(s.keys, svc.Key())
	if i < 0 {
		if i = len(s.keys); i == maxServices {
			return 0, ErrTooLarge
		}
		s.keys = append(s.keys, svc.Key())
		s.services = append(s.services, nil)
		s.claims = append(s.claims, nil)
	}
	c := claimOf(s.rules.version, svc)
	s.services[i], s.claims[i] = svc, &c
	return i, nil
}

// Do changes the cluster; After then says what becomes of worlds.
func (s *Simulation) Do(op Operation) error {
	s.change = sure(func(*world) {})
	switch {
	case op.Restart:
		s.change = s.started
	case op.Delete != "":
		i := slices.Index(s.keys, op.Delete)
		if i < 0 || s.services[i] == nil {
			return nil
		}
		s.services[i], s.claims[i] = nil, nil
		s.change = sure(func(w *world) {
			w.rec[i] = 0
			w.wait(1 << i)
		})
	case op.DeletePool != "":
		s.in.Objects.Pools = slices.DeleteFunc(slices.Clone(s.in.Objects.Pools), func(p *model.IPAddressPool) bool {
			return p.Name == op.DeletePool && p.Namespace == s.in.Namespace
		})
		s.readPools()
		s.change = sure(func(w *world) { w.wait(pendingPools) })
	case op.Apply != nil:
		change, err := s.apply(op.Apply)
		if err != nil {
			return err
		}
		s.change = sure(change)
	}
	return nil
}

// After is what the last Do makes of worlds that were at rest.
func (s *Simulation) After(from Worlds) Worlds {
	next := Worlds{}
	for w, chance := range from {
		w.flags &^= flagTried
		for n, share := range s.change(w) {
			next[n] += chance * share
		}
	}
	return next
}

// sure is a change that has one result.
func sure(change func(*world)) func(world) Worlds {
	return func(w world) Worlds {
		change(&w)
		return Worlds{w: 1}
	}
}

func (s *Simulation) apply(o *model.Objects) (func(*world), error) {
	var changed []int
	fresh := map[int]uint16{}
	for _, svc := range o.Services {
		absent := !slices.Contains(s.keys, svc.Key()) || s.services[slices.Index(s.keys, svc.Key())] == nil
		i, err := s.put(svc)
		if err != nil {
			return nil, err
		}
		changed = append(changed, i)
		if absent {
			fresh[i] = s.record(recordOf(s.rules.version, svc))
		}
	}
	pools := uint32(0)
	all := s.in.Objects
	if len(o.Pools)+len(o.AddressPools)+len(o.Namespaces)+len(o.Communities)+len(o.ConfigMaps) > 0 {
		all.Pools = replaced(all.Pools, o.Pools, func(x *model.IPAddressPool) string { return x.Key() })
		all.AddressPools = replaced(all.AddressPools, o.AddressPools, func(x *model.AddressPool) string { return x.Key() })
		all.Namespaces = replaced(all.Namespaces, o.Namespaces, func(x *model.Namespace) string { return x.Key() })
		all.Communities = replaced(all.Communities, o.Communities, func(x *model.Community) string { return x.Key() })
		all.ConfigMaps = replaced(all.ConfigMaps, o.ConfigMaps, func(x *model.ConfigMap) string { return x.Key() })
		s.readPools()
		pools = pendingPools
	}
	return func(w *world) {
		for _, i := range changed {
			w.wait(1 << i)
			if id, ok := fresh[i]; ok {
				w.rec[i] = id
			}
		}
		w.wait(pools)
	}, nil
}

// replaced is the list with the new objects in the place of those of their name.
func replaced[T any](list, changed []T, key func(T) string) []T {
	out := slices.Clone(list)
	for _, n := range changed {
		out = slices.DeleteFunc(out, func(x T) bool { return key(x) == key(n) })
		out = append(out, n)
	}
	return out
}

// freshSet is a set of pools that a reading may give, by number. Those of one reading differ by the order of the pools.
type freshSet struct {
	id     int16
	chance float64
}

// readPools reads the pools as they are now.
func (s *Simulation) readPools() {
	s.fresh, s.refusals, s.chances = nil, nil, nil
	cfg, no := ParseConfig(s.in, Controller, "")
	if no != nil {
		s.refusals, s.chances = no.texts()
		return
	}
	for _, v := range s.orders(poolSetOf(s.in, cfg)) {
		id := v.set.identity() + v.set.sequence(s.rules.alwaysNew)
		n := slices.Index(s.setIDs, id)
		if n < 0 {
			n = len(s.sets)
			s.sets, s.setIDs = append(s.sets, v.set), append(s.setIDs, id)
		}
		s.fresh = append(s.fresh, freshSet{int16(n), v.chance})
	}
}

// record and hold number records and holdings.
func (s *Simulation) record(r record) uint16 {
	key := recordKey(r)
	id, ok := s.recID[key]
	if !ok {
		id = uint16(len(s.records))
		s.records = append(s.records, r)
		s.recID[key] = id
	}
	return id
}

// word numbers the words of a failure.
func (s *Simulation) word(text string) uint16 {
	n := slices.Index(s.words, text)
	if n < 0 {
		n = len(s.words)
		s.words = append(s.words, text)
	}
	return uint16(n)
}

func recordKey(r record) string { return r.pool + " " + strings.Join(r.ingress, " ") }

func (s *Simulation) hold(h *holding) uint16 {
	if h == nil {
		return 0
	}
	key := h.identity()
	id, ok := s.heldID[key]
	if !ok {
		id = uint16(len(s.holdings))
		s.holdings = append(s.holdings, h)
		s.heldID[key] = id
	}
	return id
}

// usersBut returns what all but one Service hold on an address.
func (s *Simulation) usersBut(w *world, i int) users {
	return func(ip netip.Addr) []*holding {
		var out []*holding
		for j, id := range w.held {
			if id != 0 && j != i && slices.Contains(s.holdings[id].ips, ip) {
				out = append(out, s.holdings[id])
			}
		}
		return out
	}
}
