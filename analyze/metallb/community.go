package metallb

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// community is a BGP community; a legacy one has only its first two fields.
type community struct {
	large  bool
	fields [3]uint32
}

// String is a:b, or large:a:b:c.
func (c community) String() string {
	if c.large {
		return fmt.Sprintf("large:%d:%d:%d", c.fields[0], c.fields[1], c.fields[2])
	}
	return fmt.Sprintf("%d:%d", c.fields[0], c.fields[1])
}

// communityProblem is why a text is no community. A text of the wrong format may be the name of a Community object that does not
// exist yet; one of the right format with bad numbers cannot.
type communityProblem struct {
	text   string
	format bool
}

// parseCommunity reads a:b or, since v0.13.10, large:a:b:c (rules community-format, community-format-large).
func parseCommunity(s string, v Version) (community, *communityProblem) {
	parts := strings.Split(s, ":")
	if v.Until("v0.13.9") {
		return parseOldCommunity(s, parts, v)
	}
	c := community{}
	bits := 16
	switch len(parts) {
	case 2:
	case 4:
		if parts[0] != "large" {
			return c, &communityProblem{text: fmt.Sprintf("invalid community value: invalid marker for large community, expected community to be of "+
				"format large:<uint32>:<uint32>:<uint32> but got %q instead", s)}
		}
		c.large, bits, parts = true, 32, parts[1:]
	default:
		return c, &communityProblem{text: "invalid community format: " + s, format: true}
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, bits)
		if err != nil {
			return c, &communityProblem{text: fmt.Sprintf("invalid community value: invalid section %q of community %q, err: %q", part, s, err)}
		}
		c.fields[i] = uint32(n)
	}
	return c, nil
}

// parseOldCommunity is the same until v0.13.9, with other words until v0.12.1.
func parseOldCommunity(s string, parts []string, v Version) (community, *communityProblem) {
	c := community{}
	if len(parts) != 2 {
		if v.Until("v0.12.1") {
			return c, &communityProblem{text: fmt.Sprintf("invalid community string %q", s), format: true}
		}
		return c, &communityProblem{text: "invalid community format: " + s, format: true}
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			text := fmt.Sprintf("invalid %s section of community %q: %s", [2]string{"first", "second"}[i], part, err)
			if v.Since("v0.13.0") {
				text = "invalid community value: " + text
			}
			return c, &communityProblem{text: text}
		}
		c.fields[i] = uint32(n)
	}
	return c, nil
}

// readCommunities reads the Community objects.
func (p *parser) readCommunities() []fault {
	owner := map[string]*model.Community{}
	for _, x := range p.communities {
		for _, alias := range x.Aliases {
			c, bad := parseCommunity(alias.Value, p.in.Version)
			if bad != nil {
				rule := "community-format-large"
				if p.in.Version.Until("v0.13.9") {
					rule = "community-format"
				}
				return []fault{{rule: rule, text: fmt.Sprintf("parsing community %q: %s", alias.Name, bad.text),
					objects: []*model.Meta{&x.Meta}, order: communityKind}}
			}
			if other := owner[alias.Name]; other != nil {
				return []fault{{rule: "community-duplicate", text: fmt.Sprintf("duplicate definition of community %q", alias.Name),
					objects: []*model.Meta{&x.Meta, &other.Meta}, order: communityKind}}
			}
			owner[alias.Name] = x
			p.cfg.Communities[alias.Name] = c.String()
		}
	}
	return nil
}

// communityOf is the value of what an advertisement names: an alias, or a community itself.
func communityOf(name string, aliases map[string]string, v Version) (string, *communityProblem) {
	if value, ok := aliases[name]; ok {
		return value, nil
	}
	c, bad := parseCommunity(name, v)
	if bad != nil {
		return "", bad
	}
	return c.String(), nil
}
