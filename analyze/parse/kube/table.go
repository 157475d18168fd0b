package kube

import (
	"io"

	"github.com/metallb-assay/assay/analyze/model"
)

func (c *converter) table(r io.Reader, seen *model.MemberSeen)    {}
func (c *converter) describe(r io.Reader, seen *model.MemberSeen) {}
func (c *converter) legacy(r io.Reader, seen *model.MemberSeen)   {}
func (c *converter) helm(r io.Reader, seen *model.MemberSeen)     {}
