package check

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// View is what checks look at: the model, what could be learnt of the installation, what each Service shows, and what MetalLB
// should have decided. It is made once; checks only read it.
type View struct {
	*model.Model
	Install  Installation
	Services []*Service
	Sessions []Session
	Expect   Expectations

	byKey      map[string]*Service
	refused    []Refused
	unassigned []*unassigned
	bgpView

	unnamed      map[memberKey]bool // captures of a node that nothing names
	unnamedFiles map[string]bool    // the files that they stand in
}

// Service is one Service with what is seen of it.
type Service struct {
	*model.Subject
	Announced []Announcement // of all speakers, the newest word of each speaker and protocol
	Works     []model.Probe  // attempts on one of its addresses and ports that succeeded
	Fails     []model.Probe  // and that failed
}

// NewView makes the view of a model.
func NewView(m *model.Model) *View {
	v := &View{Model: m, byKey: map[string]*Service{}}
	v.Install = learnInstallation(m)
	for _, sub := range m.Services {
		s := &Service{Subject: sub}
		v.Services = append(v.Services, s)
		v.byKey[s.Key()] = s
	}
	v.observeAnnouncements()
	v.observeProbes()
	v.expect()
	v.placeOutputs()
	v.findUnnamed()
	v.observeHandshakes()
	v.announcementsOfFRR()
	v.observeSessions()
	v.observeLinks()
	v.refused = v.findRefusals()
	v.diagnoseSessions()
	v.unassigned = v.findUnassigned()
	return v
}

// Service returns the Service of that key, or nil.
func (v *View) Service(key string) *Service { return v.byKey[key] }

// HasAddress returns the Services that have at least one address.
func (v *View) HasAddress() []*Service {
	var with []*Service
	for _, s := range v.Services {
		if len(s.Addresses) > 0 {
			with = append(with, s)
		}
	}
	return with
}

// Keys returns the keys of Services.
func Keys(services []*Service) []string {
	keys := make([]string, 0, len(services))
	for _, s := range services {
		keys = append(keys, s.Key())
	}
	return keys
}

// Local tells whether externalTrafficPolicy is Local; false when the object or the field is unknown.
func (s *Service) Local() bool {
	return s.Object != nil && s.Object.TrafficPolicy == "Local"
}

// Ref names the Service in a finding.
func (s *Service) Ref() schema.Object {
	return schema.Object{Kind: "Service", Namespace: s.Namespace, Name: s.Name}
}

// List joins addresses for a sentence; "no address" when there is none.
func (s *Service) List() string {
	if len(s.Addresses) == 0 {
		return "no address"
	}
	return strings.Join(s.Addresses, ", ")
}

// Installation is what could be learnt of MetalLB's installation.
type Installation struct {
	Version         metallb.Version // zero when unknown
	VersionSrc      schema.Evidence
	Mode            schema.Mode // of the installation: native, frr, frr-k8s, or unknown; whether BGP is in use is Expectations.BGPUsed
	ModeSrc         schema.Evidence
	Namespace       string // "" when nothing says
	Kind            string // manifests, helm, operator, unknown
	LBClass         string // --lb-class
	FlagsKnown      bool   // the arguments of controller and speaker were seen
	IgnoreExcludeLB bool
	MemberlistOff   bool
	SpeakerPods     []*model.Pod
	ControllerPods  []*model.Pod
	FRRK8sPods      []*model.Pod
	// SpeakerNodes are the nodes on which a speaker runs, by pods, or by logs where no pods are attached; nil when unknown.
	SpeakerNodes []string
}
