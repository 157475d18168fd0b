package collect

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/metallb-assay/assay/schema"
)

// clusterScope stands in a path for the namespace of objects that have none.
const clusterScope = "_cluster"

// objectsOf describes a list of objects that a step writes.
type objectsOf struct {
	resource Resource
	query    Query
	of       string // what the objects are of, to tell two steps of one resource apart; "" where there is one
	does     string // for plan; "" for "list RESOURCE in NAMESPACE"
	// keep says whether an object is wanted, and notes what later steps need of it; nil wants all. It sees the object whole.
	keep   func(Object) bool
	learns bool // keep notes something
	// shape takes off what is too large, or not ours to take; nil takes all.
	shape func(Object)
}

// folder is where the objects of a resource go.
func folder(r Resource) string {
	group := r.Group
	if group == "" {
		group = "core"
	}
	return "objects/" + group + "/" + r.Name
}

// step makes the step that lists the objects into a file a namespace. home is the namespace in whose name nothing at all is told.
func (l objectsOf) step(home string) Step {
	name := folder(l.resource)
	does := "list " + l.resource.String()
	need := Permission{Verb: "list", Group: l.resource.Group, Resource: l.resource.Name, Namespace: l.query.Namespace}
	if l.query.Namespace != "" {
		name += "/" + l.query.Namespace
		does += " in " + l.query.Namespace
	} else if l.resource.Namespaced {
		does += " in all namespaces"
	}
	if l.of != "" {
		name += " (" + l.of + ")"
	}
	if l.does != "" {
		does = l.does
	}
	return Step{Name: name, Does: does, Class: ClassObjects, Needs: []Permission{need}, Namespace: l.query.Namespace, Learns: l.learns,
		Run: func(ctx context.Context, w *Work) error {
			out := &documents{w: w, folder: folder(l.resource)}
			err := w.Cluster.List(ctx, l.resource, l.query, func(o Object) error {
				complete(o, l.resource)
				if l.keep != nil && !l.keep(o) {
					return nil
				}
				if l.shape != nil {
					l.shape(o)
				}
				return out.add(o)
			})
			if end := out.close(); err == nil {
				err = end
			}
			if err == nil && out.count == 0 {
				return l.empty(w, home)
			}
			return err
		}}
}

// empty writes a member without a document: there was nothing to list.
func (l objectsOf) empty(w *Work, home string) error {
	w.End(schema.StatusEmpty)
	if l.of != "" {
		return nil // another step writes the members of this name
	}
	ns := l.query.Namespace
	if ns == "" {
		ns = home
	}
	if ns == "" || !l.resource.Namespaced {
		ns = clusterScope
	}
	return w.copy(folder(l.resource)+"/"+ns+".yaml", strings.NewReader(""))
}

// complete gives an object of a list the fields that only a single object has.
func complete(o Object, r Resource) {
	version := r.Version
	if r.Group != "" {
		version = r.Group + "/" + r.Version
	}
	if text(o, "apiVersion") == "" {
		o["apiVersion"] = version
	}
	if text(o, "kind") == "" {
		o["kind"] = r.Kind
	}
}

// documents writes objects as YAML documents, into one file a namespace. The cluster gives them by namespace, so one file is open.
type documents struct {
	w      *Work
	folder string
	ns     string
	out    io.WriteCloser
	count  int
}

func (d *documents) add(o Object) error {
	d.count++
	drop(o, "metadata", "managedFields")
	d.w.Clean(o)
	data, err := yaml.Marshal(o)
	if err != nil {
		return err
	}
	ns := namespaceOf(o)
	if ns == "" {
		ns = clusterScope
	}
	if d.out == nil || ns != d.ns {
		if err := d.close(); err != nil {
			return err
		}
		if d.out, err = d.w.Create(d.folder + "/" + ns + ".yaml"); err != nil {
			return err
		}
		d.ns = ns
	}
	_, err = d.out.Write(append([]byte("---\n"), data...))
	return err
}

func (d *documents) close() error {
	if d.out == nil {
		return nil
	}
	err := d.out.Close()
	d.out = nil
	return err
}

// firstLists are the lists that depend on nothing but the inventory as Find left it.
func firstLists(inv *Inventory, o Options) []Step {
	var all []Step
	add := func(group, resource string, l objectsOf) {
		r, ok := inv.Resource(group, resource)
		if !ok {
			return
		}
		l.resource = r
		all = append(all, l.step(inv.MetalLB))
	}
	for _, r := range inv.Resources {
		if (r.Group == "metallb.io" || r.Group == "frrk8s.metallb.io") && slices.Contains(r.Verbs, "list") && !strings.Contains(r.Name, "/") {
			all = append(all, objectsOf{resource: r, learns: r.Kind == "ServiceL2Status" || r.Kind == "ServiceBGPStatus",
				keep: func(o Object) bool { learnStatus(inv, o); return true }}.step(inv.MetalLB))
		}
	}
	named := o.Services
	add("", "services", objectsOf{does: "list services in all namespaces and keep those of type LoadBalancer", learns: true, keep: func(o Object) bool { return inv.learnService(o, named) }})
	add("", "nodes", objectsOf{learns: true, keep: func(o Object) bool { inv.learnNode(o); return true }, shape: shapeNode})
	add("", "namespaces", objectsOf{})
	add("", "events", objectsOf{query: Query{Fields: "involvedObject.kind=Service"}, of: "services", does: "list events of services in all namespaces", learns: true,
		keep: func(o Object) bool { learnEvent(inv, o); return !slices.Contains(inv.Namespaces(), namespaceOf(o)) }})
	for _, ns := range inv.Namespaces() {
		q := Query{Namespace: ns}
		add("", "pods", objectsOf{query: q, learns: true, keep: inv.learnPod, shape: shapeOwnPod})
		add("", "events", objectsOf{query: q})
		add("events.k8s.io", "events", objectsOf{query: q})
		add("", "configmaps", objectsOf{query: q, keep: ownConfigMap})
		add("apps", "daemonsets", objectsOf{query: q, shape: shapeOwnWorkload})
		add("apps", "deployments", objectsOf{query: q, shape: shapeOwnWorkload})
		add("coordination.k8s.io", "leases", objectsOf{query: q})
		add("networking.k8s.io", "networkpolicies", objectsOf{query: q})
		add("rbac.authorization.k8s.io", "roles", objectsOf{query: q})
		add("rbac.authorization.k8s.io", "rolebindings", objectsOf{query: q})
	}
	return append(all, clusterLists(inv)...)
}

// clusterLists are the lists of what is not MetalLB's but decides whether it works.
func clusterLists(inv *Inventory) []Step {
	var all []Step
	add := func(group, resource string, l objectsOf) {
		if r, ok := inv.Resource(group, resource); ok {
			l.resource = r
			all = append(all, l.step(inv.MetalLB))
		}
	}
	ours := inv.Namespaces()
	for _, kind := range []string{"validatingwebhookconfigurations", "mutatingwebhookconfigurations"} {
		add("admissionregistration.k8s.io", kind, objectsOf{keep: func(o Object) bool { return ownWebhook(o, ours) }, shape: shapeWebhook})
	}
	add("rbac.authorization.k8s.io", "clusterrolebindings", objectsOf{does: "list clusterrolebindings and keep those of MetalLB's service accounts",
		keep: func(o Object) bool { return bindsAccountIn(o, ours) }})
	add("rbac.authorization.k8s.io", "clusterroles", objectsOf{does: "list clusterroles and keep those of MetalLB and frr-k8s", keep: ownClusterRole})
	if !slices.Contains(ours, "kube-system") {
		q := Query{Namespace: "kube-system"}
		add("apps", "daemonsets", objectsOf{query: q, shape: shapeForeignWorkload})
		add("apps", "deployments", objectsOf{query: q, shape: shapeForeignWorkload})
		add("", "configmaps", objectsOf{query: q, does: "list configmaps in kube-system and keep those of kube-proxy, kube-vip and Cilium", keep: networkConfigMap, shape: shapeForeignConfigMap})
	}
	for _, r := range inv.Resources {
		if foreignResource(r) && slices.Contains(r.Verbs, "list") {
			all = append(all, objectsOf{resource: r}.step(inv.MetalLB))
		}
	}
	if r, ok := inv.Resource("apiextensions.k8s.io", "customresourcedefinitions"); ok {
		all = append(all, definitions(inv, r))
	}
	return all
}

// foreignResource says whether a resource of another program touches addresses or BGP.
func foreignResource(r Resource) bool {
	switch r.Group {
	case "crd.projectcalico.org":
		return slices.Contains([]string{"bgppeers", "bgpconfigurations", "bgpfilters", "ippools", "felixconfigurations", "caliconodestatuses", "globalnetworkpolicies"}, r.Name)
	case "cilium.io":
		return strings.HasPrefix(r.Name, "ciliumbgp") || strings.HasPrefix(r.Name, "ciliumloadbalancer") || r.Name == "ciliuml2announcementpolicies"
	case "kubeovn.io":
		return r.Name == "vpcs" || r.Name == "subnets" || r.Name == "bgp-edge-routers"
	case "k8s.cni.cncf.io":
		return r.Name == "network-attachment-definitions"
	case "config.openshift.io":
		return r.Name == "networks" || r.Name == "clusterversions"
	case "operator.openshift.io":
		return r.Name == "networks"
	case "kube-vip.io", "loxilb.io", "purelb.io", "network.openebs.io":
		return true
	}
	return false
}

// definitions gets the definitions of MetalLB's and frr-k8s' resources, without their schemas.
func definitions(inv *Inventory, r Resource) Step {
	var names []string
	for _, x := range inv.Resources {
		if x.Group == "metallb.io" || x.Group == "frrk8s.metallb.io" {
			if name := x.Name + "." + x.Group; !strings.Contains(x.Name, "/") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	s := Step{Name: folder(r), Does: fmt.Sprintf("get the %d customresourcedefinitions of metallb.io and frrk8s.metallb.io", len(names)), Class: ClassObjects,
		Needs: []Permission{{Verb: "get", Group: r.Group, Resource: r.Name}}}
	if len(names) == 0 {
		s.Skip = "the cluster serves no resource of metallb.io"
	}
	s.Run = func(ctx context.Context, w *Work) error {
		objects, err := sideBySide(ctx, names, func(ctx context.Context, name string) (Object, error) { return w.Cluster.Get(ctx, r, "", name) })
		out := &documents{w: w, folder: folder(r)}
		for _, o := range objects {
			if o == nil {
				continue
			}
			complete(o, r)
			shapeDefinition(o)
			if end := out.add(o); err == nil {
				err = end
			}
		}
		if end := out.close(); err == nil {
			err = end
		}
		return err
	}
	return s
}
