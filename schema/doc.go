// Package schema holds the types that leave the program: the header and trailer of a bundle, the report of the analyzer,
// and the words (phases, verdicts, kinds of members) that both halves share. It imports nothing of this module.
package schema
