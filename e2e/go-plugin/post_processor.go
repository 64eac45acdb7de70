package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/packer"
)

// PostProcessor makes an artifact of an artifact, or hands its input on.
type PostProcessor struct{ options Options }

// ConfigSpec implements packer.PostProcessor.
func (p *PostProcessor) ConfigSpec() hcldec.ObjectSpec {
	return p.options.FlatMapstructure().HCL2Spec()
}

// Configure implements packer.PostProcessor.
func (p *PostProcessor) Configure(raws ...interface{}) error { return p.options.decode(raws...) }

// PostProcess implements packer.PostProcessor.
func (p *PostProcessor) PostProcess(ctx context.Context, ui packer.Ui, input packer.Artifact) (packer.Artifact, bool, bool, error) {
	o := &p.options
	ui.Say(fmt.Sprintf("input %s %s %s %s", input.BuilderId(), input.Id(), input.String(), strings.Join(input.Files(), "+")))
	if data, ok := input.State("generated_data").(map[interface{}]interface{}); ok {
		ui.Say(fmt.Sprintf("greeting %v", data["Greeting"]))
	}
	switch o.Behave {
	case "fail":
		return nil, false, false, errors.New("processing did not work")
	case "crash":
		panic("post-processor broke")
	case "hang":
		ui.Say("hanging")
		<-ctx.Done()
		return nil, false, false, ctx.Err()
	case "nothing":
		return nil, true, true, nil
	case "same":
		return input, true, false, nil
	case "insist":
		return &Artifact{id: o.Text}, true, true, nil
	}
	return &Artifact{id: o.Text, files: nil}, o.Enabled, false, nil
}
