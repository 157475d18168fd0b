package clean

import (
	"maps"
	"slices"
	"strings"
)

// Object removes secrets from an object, in place: those in its strings as in any text, those of fields, arguments and variables whose
// name says so, and all values of a Secret. The names in it become known as words that are no secrets.
func (c *Cleaner) Object(o map[string]any) {
	c.names(o)
	c.fields(o)
}

// names notes what an object and its parts are called.
func (c *Cleaner) names(o map[string]any) {
	for k, v := range o {
		switch v := v.(type) {
		case string:
			if k == "name" || k == "namespace" || k == "nodeName" || k == "generateName" || k == "kind" || k == "serviceAccountName" {
				c.dict.name(v)
			}
		case map[string]any:
			if k != "data" && k != "stringData" && k != "annotations" {
				c.names(v)
			}
		case []any:
			for _, e := range v {
				if m, ok := e.(map[string]any); ok {
					c.names(m)
				}
			}
		}
	}
}

// fields cleans the fields of a part of an object.
func (c *Cleaner) fields(o map[string]any) {
	kind, _ := o["kind"].(string)
	for _, k := range slices.Sorted(maps.Keys(o)) { // so that numbers are the same each time
		switch v := o[k].(type) {
		case string:
			o[k] = c.field(k, v)
		case map[string]any:
			if kind == "Secret" && (k == "data" || k == "stringData") {
				for _, key := range slices.Sorted(maps.Keys(v)) {
					if s, ok := v[key].(string); ok && !placeholder(s) {
						v[key] = c.secretValue(key, s)
					}
				}
				continue
			}
			c.fields(v)
		case []any:
			c.items(v)
		}
	}
	if name, ok := o["name"].(string); ok { // of a variable, a header of a probe, a parameter
		if value, ok := o["value"].(string); ok {
			o["value"] = c.field(name, value)
		}
	}
}

// items cleans a list.
func (c *Cleaner) items(all []any) {
	argument := ""
	for i, v := range all {
		switch v := v.(type) {
		case string:
			if argument != "" && !strings.HasPrefix(v, "-") {
				all[i] = c.field(argument, v)
			} else {
				all[i] = c.String(v)
			}
			argument = ""
			if _, ok := secretKey(v); ok && strings.HasPrefix(v, "-") {
				argument = v
			}
		case map[string]any:
			c.fields(v)
		case []any:
			c.items(v)
		}
	}
}

// field cleans the value of one field.
func (c *Cleaner) field(key, value string) string {
	kind, ok := secretKey(key)
	if !ok || placeholder(value) || reference(key, value) {
		return c.String(value)
	}
	if kind == Password && key == "password" {
		kind = BGPPassword // the only ones in objects that are taken
	}
	return c.text(kind, value, true)
}
