// Package model holds what members of an input say (observations) and indexes over it; it has no opinions.
//
// Parsers fill an Observations value a member; the pipeline merges those in the members' order, and New makes a Model of
// the whole: objects without duplicates, logs tied to pods and nodes, every Service that anything speaks of.
package model
