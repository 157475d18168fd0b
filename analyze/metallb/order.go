package metallb

import (
	"slices"
	"sort"

	"github.com/metallb-assay/assay/analyze/model"
)

// refusal is the Refusal of the faults that reading the objects in order of name gave, with what other orders give. Of the faults of one
// order each is as likely as the others: they differ by which of several ranges or pools is looked at first.
func (p *parser) refusal(faults []fault) *Refusal {
	first := faults[0]
	r := &Refusal{Stage: "parse", Error: first.text, Rule: first.rule, Objects: first.objects, Retry: first.retry, chances: map[string]float64{}}
	if first.handler {
		r.Stage = "handler"
	}
	for i, o := range p.in.Version.readings(p.count(first.order)) {
		found := faults
		if i > 0 { // readings begins with the order of name
			found = p.reordered(first.order, o.order).run()
		}
		for _, f := range found {
			r.chances[f.text] += o.chance / float64(len(found))
		}
	}
	for _, text := range slices.Sorted(keysOf(r.chances)) {
		if text != first.text {
			r.Also = append(r.Also, text)
		}
	}
	return r
}

// texts is all that MetalLB may say, sorted, with how likely each is; they add up to 1.
func (r *Refusal) texts() (texts []string, chances []float64) {
	texts = append([]string{r.Error}, r.Also...)
	slices.Sort(texts)
	texts = slices.Compact(texts)
	chances = make([]float64, len(texts))
	for i, text := range texts {
		chances[i] = 1 / float64(len(texts))
		if r.chances != nil {
			chances[i] = r.chances[text]
		}
	}
	return texts, chances
}

func faultTexts(texts []string, faults []fault) []string {
	for _, f := range faults {
		if !slices.Contains(texts, f.text) {
			texts = append(texts, f.text)
		}
	}
	return texts
}

// list is the objects of a kind that the parser reads, in the order in which it does.
type list struct {
	count   func(*parser) int
	reorder func(*parser, []int)
}

func listOf[T any](field func(*parser) *[]T) list {
	return list{
		count:   func(p *parser) int { return len(*field(p)) },
		reorder: func(p *parser, order []int) { *field(p) = permuted(*field(p), order) },
	}
}

// lists has no entry for noKind, whose faults depend on no order.
var lists = map[kind]list{
	poolKind:      listOf(func(p *parser) *[]*model.IPAddressPool { return &p.pools }),
	legacyKind:    listOf(func(p *parser) *[]*model.AddressPool { return &p.legacy }),
	l2Kind:        listOf(func(p *parser) *[]*model.L2Advertisement { return &p.l2 }),
	bgpKind:       listOf(func(p *parser) *[]*model.BGPAdvertisement { return &p.bgp }),
	peerKind:      listOf(func(p *parser) *[]*model.BGPPeer { return &p.peers }),
	profileKind:   listOf(func(p *parser) *[]*model.BFDProfile { return &p.profiles }),
	communityKind: listOf(func(p *parser) *[]*model.Community { return &p.communities }),
}

func (p *parser) count(k kind) int {
	if l, ok := lists[k]; ok {
		return l.count(p)
	}
	return 0
}

// reordered is the parser before it has read anything, with the objects of a kind in another order.
func (p *parser) reordered(k kind, order []int) *parser {
	q := *p
	if l, ok := lists[k]; ok {
		l.reorder(&q, order)
	}
	return &q
}

func permuted[T any](list []T, order []int) []T {
	out := make([]T, len(order))
	for i, o := range order {
		out[i] = list[o]
	}
	return out
}

const (
	allOrders  = 6  // up to so many objects all orders are tried
	pairOrders = 24 // up to so many, each pair in front; above, each object in front
)

// reading is an order in which the objects of a kind, numbered by name, may be read.
type reading struct {
	order  []int
	chance float64 // where every order in which they are listed is as likely as the others
}

// readings is the orders in which n objects of a kind may be read, that of their names first. Since v0.13.11 they are sorted, but by
// comparing names at the places that they had before the sort (rule parse-in-name-order): from three objects on what comes out
// depends on what came in. Before, any order is possible.
func (v Version) readings(n int) []reading {
	byName := make([]int, n)
	for i := range byName {
		byName[i] = i
	}
	sorted := v.Since("v0.13.11")
	switch {
	case n < 2 || n == 2 && sorted:
		return []reading{{byName, 1}}
	case n > allOrders:
		return frontOrders(n)
	}
	out := []reading{{order: byName}}
	all := 0.
	permute(make([]int, 0, n), n, func(in []int) {
		all++
		got := slices.Clone(in)
		if sorted {
			sort.Slice(got, func(i, j int) bool { return in[i] < in[j] })
		}
		i := slices.IndexFunc(out, func(r reading) bool { return slices.Equal(r.order, got) })
		if i < 0 {
			i = len(out)
			out = append(out, reading{order: got})
		}
		out[i].chance++
	})
	for i := range out {
		out[i].chance /= all
	}
	return out
}

// orders is readings without the chances, nil where there is one.
func (v Version) orders(n int) [][]int {
	var out [][]int
	for _, r := range v.readings(n) {
		out = append(out, r.order)
	}
	if len(out) == 1 {
		return nil
	}
	return out
}

// permute calls f for each order of 0..n-1 that begins with head.
func permute(head []int, n int, f func([]int)) {
	if len(head) == n {
		f(head)
		return
	}
	for i := range n {
		if !slices.Contains(head, i) {
			permute(append(head, i), n, f)
		}
	}
}

// frontOrders brings each pair, or of very many each object, to the front: a fault is of one object, or of one with one before it.
func frontOrders(n int) []reading {
	var out []reading
	for i := range n {
		for j := range n {
			if i == j || n > pairOrders && j != (i+1)%n {
				continue
			}
			order := []int{i, j}
			for k := range n {
				if k != i && k != j {
					order = append(order, k)
				}
			}
			out = append(out, reading{order: order})
		}
	}
	for i := range out {
		out[i].chance = 1 / float64(len(out))
	}
	return out
}
