package bundle

// Options bound what a reader takes from a file that nobody vouches for. The zero value of a field is its default.
type Options struct {
	// ReadAnyway reads a bundle of a newer format version, as far as it is understood.
	ReadAnyway bool
	// Verify compares each member's SHA-256 with the trailer's. The gzip checksums are compared always; this finds members
	// that somebody changed and packed again, at the cost of the hashing.
	Verify bool

	MaxMembers int   // members that are read; default 100,000
	MaxMember  int64 // bytes of one member; default 4 GiB. A larger one is passed over
	MaxTotal   int64 // decompressed bytes of the input; default 16 GiB
	MaxRatio   int64 // decompressed by compressed bytes; default 250 (logs have 5 to 60, a gzip bomb 500 to 1,030)
	MaxMeta    int64 // bytes of header.json and of trailer.json; default 16 MiB
}

// ratioFrom is how many bytes must have come out before MaxRatio is held against them: less than this does no harm.
const ratioFrom = 64 << 20

func (o Options) withDefaults() Options {
	def(&o.MaxMembers, 100_000)
	def(&o.MaxMember, 4<<30)
	def(&o.MaxTotal, 16<<30)
	def(&o.MaxRatio, 250)
	def(&o.MaxMeta, 16<<20)
	return o
}

func def[T int | int64](p *T, value T) {
	if *p <= 0 {
		*p = value
	}
}
