// Package clean removes secrets from everything that a collection writes: one cleaner for every member of a bundle.
//
// A secret value is found at the places where one can stand: a key that names one (`password: x`, `"token":"x"`, `Password:x`,
// --token=x, X_SECRET=x, at any depth of escaping), the commands of FRR and of other routers (`neighbor X password Y`), the values of
// objects of kind Secret, authorization headers, URLs with a password, and by their form alone JSON web tokens and PEM private keys.
// It is replaced by
//
//	(removed: KIND, #N)
//
// where N is the same for the same value, so that "both sides have the same password" can still be told from "they differ".
// Everything else passes byte for byte; names of Secrets and references to them stay, for they say what is configured.
//
// # Values that are known
//
// A value that was found at such a place is known from then on, and is removed wherever else it occurs: as it is, in base64 (both
// alphabets, all three alignments), in hexadecimal, with URL or JSON escapes. Again does that for what was written before. So that
// this makes no holes in text that has nothing to do with secrets, a value is removed at its own places only when it is
//
//   - shorter than 4 or longer than 16384 bytes,
//   - an ordinary word of Kubernetes, MetalLB, FRR or English logs (the list in words.go, without regard to case),
//   - the name of something in the cluster: of an object, a namespace, a node or a container,
//   - a number of fewer than 8 digits, an address, a prefix, a truth value, or a part of the replacement text itself.
//
// A known value of letters or digits alone, or of fewer than 6 bytes, is removed elsewhere only as a word of its own, not within
// another word; any other one anywhere.
//
// # What cannot be cleaned
//
// Archives, captures and other binary files pass as they are, since a change would spoil them: Opaque tells them by their first
// bytes, and Passed says which members these were, for the trailer.
package clean
