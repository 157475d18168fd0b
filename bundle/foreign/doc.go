// Package foreign opens what is not a bundle as the same stream of members that package bundle gives: folders, tar, tar.gz,
// tar.zst, tar.bz2, zip, single files and standard input, archives inside archives, Markdown with fenced blocks and pasted shell
// sessions.
//
// The stages, each of which hands on to the next:
//
//	open     inputs of a call, their names                       (open.go, walk.go)
//	unpack   archives and compression, by magic, within Limits   (unpack.go, limits.go)
//	text     UTF-8 without colours; binary files told apart      (text.go)
//	split    one text into blocks: fences, sessions, headings    (split.go, prompt.go, command.go, extent.go)
//	kind     what a block is, by its first lines                 (kind.go, kind_*.go, line_*.go)
//	place    whose it is: pod, node, router, by path and prompt  (place.go)
//
// Content alone decides the kind, so that renamed or flattened files are understood all the same; a path only says whose a
// member is. What nothing recognises is a member too, of kind unknown.
package foreign
