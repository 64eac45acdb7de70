package main

import (
	"fmt"
	"log"
	"sort"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/template/config"
	"github.com/hashicorp/packer-plugin-sdk/template/interpolate"
	"github.com/zclconf/go-cty/cty"
)

// Disk is a nested block.
type Disk struct {
	Size int    `mapstructure:"size" cty:"size"`
	Name string `mapstructure:"name" cty:"name"`
}

// Options are what all four components take.
type Options struct {
	Text     string            `mapstructure:"text"`
	Count    int               `mapstructure:"count"`
	Ratio    float64           `mapstructure:"ratio"`
	Enabled  bool              `mapstructure:"enabled"`
	Items    []string          `mapstructure:"items"`
	Tags     map[string]string `mapstructure:"tags"`
	Pause    time.Duration     `mapstructure:"pause"`
	Disks    []Disk            `mapstructure:"disk"`
	Source   string            `mapstructure:"source"`
	Target   string            `mapstructure:"target"`
	Behave   string            `mapstructure:"behave"`
	Required string            `mapstructure:"required"`

	PackerBuildName     string   `mapstructure:"packer_build_name"`
	PackerBuilderType   string   `mapstructure:"packer_builder_type"`
	PackerCoreVersion   string   `mapstructure:"packer_core_version"`
	PackerDebug         bool     `mapstructure:"packer_debug"`
	PackerForce         bool     `mapstructure:"packer_force"`
	PackerOnError       string   `mapstructure:"packer_on_error"`
	PackerSensitiveVars []string `mapstructure:"packer_sensitive_variables"`

	ctx interpolate.Context
}

// FlatDisk is a Disk of which any part may be missing.
type FlatDisk struct {
	Size *int    `cty:"size"`
	Name *string `cty:"name"`
}

// FlatOptions are Options of which any may be missing.
type FlatOptions struct {
	Text                *string           `cty:"text"`
	Count               *int              `cty:"count"`
	Ratio               *float64          `cty:"ratio"`
	Enabled             *bool             `cty:"enabled"`
	Items               []string          `cty:"items"`
	Tags                map[string]string `cty:"tags"`
	Pause               *string           `cty:"pause"`
	Disks               []FlatDisk        `cty:"disk"`
	Source              *string           `cty:"source"`
	Target              *string           `cty:"target"`
	Behave              *string           `cty:"behave"`
	Required            *string           `cty:"required"`
	PackerBuildName     *string           `cty:"packer_build_name"`
	PackerBuilderType   *string           `cty:"packer_builder_type"`
	PackerCoreVersion   *string           `cty:"packer_core_version"`
	PackerDebug         *bool             `cty:"packer_debug"`
	PackerForce         *bool             `cty:"packer_force"`
	PackerOnError       *string           `cty:"packer_on_error"`
	PackerSensitiveVars []string          `cty:"packer_sensitive_variables"`
}

// FlatMapstructure is how the SDK finds the form in which every option may be missing.
func (*Options) FlatMapstructure() interface{ HCL2Spec() map[string]hcldec.Spec } {
	return new(FlatOptions)
}

// HCL2Spec says what the options are.
func (*FlatOptions) HCL2Spec() map[string]hcldec.Spec {
	attribute := func(name string, kind cty.Type) hcldec.Spec {
		return &hcldec.AttrSpec{Name: name, Type: kind, Required: name == "required"}
	}
	return map[string]hcldec.Spec{
		"text":     attribute("text", cty.String),
		"count":    attribute("count", cty.Number),
		"ratio":    attribute("ratio", cty.Number),
		"enabled":  attribute("enabled", cty.Bool),
		"items":    attribute("items", cty.List(cty.String)),
		"tags":     attribute("tags", cty.Map(cty.String)),
		"pause":    attribute("pause", cty.String),
		"source":   attribute("source", cty.String),
		"target":   attribute("target", cty.String),
		"behave":   attribute("behave", cty.String),
		"required": attribute("required", cty.String),
		"disk": &hcldec.BlockListSpec{TypeName: "disk", Nested: hcldec.ObjectSpec{
			"size": attribute("size", cty.Number),
			"name": attribute("name", cty.String),
		}},
		"packer_build_name":          attribute("packer_build_name", cty.String),
		"packer_builder_type":        attribute("packer_builder_type", cty.String),
		"packer_core_version":        attribute("packer_core_version", cty.String),
		"packer_debug":               attribute("packer_debug", cty.Bool),
		"packer_force":               attribute("packer_force", cty.Bool),
		"packer_on_error":            attribute("packer_on_error", cty.String),
		"packer_sensitive_variables": attribute("packer_sensitive_variables", cty.List(cty.String)),
	}
}

// decode reads the options. Several things wrong are reported together.
func (o *Options) decode(raws ...interface{}) error {
	if err := config.Decode(o, &config.DecodeOpts{Interpolate: true, InterpolateContext: &o.ctx}, raws...); err != nil {
		return err
	}
	if o.Behave == "hang-prepare" {
		log.Print("[INFO] hanging")
		time.Sleep(time.Hour)
	}
	if o.Behave == "refuse" {
		return fmt.Errorf("`text` is not acceptable: %q", o.Text)
	}
	return nil
}

// describe prints all options on one line.
func (o *Options) describe() string {
	tags := make([]string, 0, len(o.Tags))
	for name, value := range o.Tags {
		tags = append(tags, name+"="+value)
	}
	sort.Strings(tags)
	disks := make([]string, 0, len(o.Disks))
	for _, disk := range o.Disks {
		disks = append(disks, fmt.Sprintf("%s:%d", disk.Name, disk.Size))
	}
	return fmt.Sprintf("text=%s count=%d ratio=%g enabled=%t items=%s tags=%s pause=%s disks=%s",
		o.Text, o.Count, o.Ratio, o.Enabled, strings.Join(o.Items, "+"), strings.Join(tags, "+"), o.Pause, strings.Join(disks, "+"))
}

// core prints what the host told about the run.
func (o *Options) core() string {
	return fmt.Sprintf("name=%s type=%s debug=%t force=%t on_error=%s sensitive=%s",
		o.PackerBuildName, o.PackerBuilderType, o.PackerDebug, o.PackerForce, o.PackerOnError, strings.Join(o.PackerSensitiveVars, "+"))
}
