package schema

import _ "embed" // for the JSON Schemas

// The JSON Schemas (draft 2020-12) of what leaves the program. They allow fields that they don't name: a reader ignores those.
var (
	//go:embed header.schema.json
	HeaderSchema []byte
	//go:embed trailer.schema.json
	TrailerSchema []byte
	//go:embed report.schema.json
	ReportSchema []byte
)
