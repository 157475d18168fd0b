package kube

import (
	"io"

	"github.com/metallb-assay/assay/analyze/model"
)

func (c *converter) describe(r io.Reader, seen *model.MemberSeen) {}
