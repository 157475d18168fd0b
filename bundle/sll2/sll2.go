// Package sll2 is the header of the LINUX_SLL2 link type, read by the analyzer and written by the collector. It is empty until
// captures are read.
package sll2
