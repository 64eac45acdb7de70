package main

import (
	"errors"
	"log"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"
)

// Datasource answers with its options, in every type there is.
type Datasource struct{ options Options }

// ConfigSpec implements packer.Datasource.
func (d *Datasource) ConfigSpec() hcldec.ObjectSpec { return d.options.FlatMapstructure().HCL2Spec() }

// OutputSpec implements packer.Datasource.
func (d *Datasource) OutputSpec() hcldec.ObjectSpec {
	return hcldec.ObjectSpec{
		"text":    &hcldec.AttrSpec{Name: "text", Type: cty.String},
		"count":   &hcldec.AttrSpec{Name: "count", Type: cty.Number},
		"ratio":   &hcldec.AttrSpec{Name: "ratio", Type: cty.Number},
		"enabled": &hcldec.AttrSpec{Name: "enabled", Type: cty.Bool},
		"items":   &hcldec.AttrSpec{Name: "items", Type: cty.List(cty.String)},
		"tags":    &hcldec.AttrSpec{Name: "tags", Type: cty.Map(cty.String)},
		"nothing": &hcldec.AttrSpec{Name: "nothing", Type: cty.String},
	}
}

// Configure implements packer.Datasource.
func (d *Datasource) Configure(raws ...interface{}) error { return d.options.decode(raws...) }

// Execute implements packer.Datasource.
func (d *Datasource) Execute() (cty.Value, error) {
	o := &d.options
	if o.Behave == "fail" {
		return cty.NullVal(cty.EmptyObject), errors.New("nothing could be fetched")
	}
	if o.Behave == "hang" {
		log.Print("[INFO] hanging")
		time.Sleep(time.Hour)
	}
	items := make([]cty.Value, 0, len(o.Items))
	for _, item := range o.Items {
		items = append(items, cty.StringVal(item))
	}
	list := cty.ListValEmpty(cty.String)
	if len(items) > 0 {
		list = cty.ListVal(items)
	}
	nothing := cty.NullVal(cty.String)
	if o.Source != "" {
		nothing = cty.StringVal(o.Source)
	}
	return cty.ObjectVal(map[string]cty.Value{
		"text":    cty.StringVal(o.Text),
		"count":   cty.NumberIntVal(int64(o.Count)),
		"ratio":   cty.NumberFloatVal(o.Ratio),
		"enabled": cty.BoolVal(o.Enabled),
		"items":   list,
		"tags":    cty.MapVal(map[string]cty.Value{"a": cty.StringVal("b")}),
		"nothing": nothing,
	}), nil
}
