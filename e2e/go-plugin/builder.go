package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/packer"
)

// Builder pretends to make a machine. Its communicator is a folder (`target`) of this one.
type Builder struct{ options Options }

// ConfigSpec implements packer.Builder.
func (b *Builder) ConfigSpec() hcldec.ObjectSpec { return b.options.FlatMapstructure().HCL2Spec() }

// Prepare implements packer.Builder.
func (b *Builder) Prepare(raws ...interface{}) ([]string, []string, error) {
	if err := b.options.decode(raws...); err != nil {
		return nil, nil, err
	}
	var warnings []string
	if b.options.Behave == "warn" {
		warnings = append(warnings, "`text` is old-fashioned")
	}
	return []string{"Greeting"}, warnings, nil
}

// Run implements packer.Builder.
func (b *Builder) Run(ctx context.Context, ui packer.Ui, hook packer.Hook) (packer.Artifact, error) {
	o := &b.options
	log.Printf("[DEBUG] builder runs with %s", os.Getenv("PACKER_RUN_UUID"))
	ui.Say(o.describe())
	ui.Message(o.core())
	ui.Machine("probe", "a,b", "c")
	if o.Behave == "ask" {
		answer, err := ui.Ask("go on?")
		if err != nil {
			return nil, err
		}
		ui.Say("answered " + answer)
	}
	switch o.Behave {
	case "fail":
		return nil, errors.New("the machine did not start")
	case "crash":
		fmt.Fprintln(os.Stderr, "panic: something broke, token hunter2")
		os.Exit(3)
	case "garbage":
		_, _ = os.Stdout.Write(bytes.Repeat([]byte("garbage\n"), 100_000))
	case "nothing":
		return nil, nil
	case "hang":
		ui.Say("hanging")
		<-ctx.Done()
		ui.Say("cleaning up")
		return nil, ctx.Err()
	case "stubborn":
		ui.Say("hanging")
		time.Sleep(time.Hour)
	}
	data := map[string]interface{}{"ID": "i-1", "Greeting": "hello " + o.Text, "Port": 22}
	machine := &folderCommunicator{root: o.Target}
	if err := hook.Run(ctx, packer.HookProvision, ui, machine, data); err != nil {
		if o.Behave != "quiet" && ctx.Err() == nil {
			if failure := hook.Run(context.Background(), packer.HookCleanupProvision, ui, machine, data); failure != nil {
				err = fmt.Errorf("%w; clean-up: %s", err, failure)
			}
		}
		return nil, err
	}
	return &Artifact{id: "i-1", files: strings.Fields(o.Source), data: map[string]interface{}{"ID": "i-1", "Greeting": "hello " + o.Text}, behave: o.Behave}, nil
}

// Artifact is what the builder and the post-processor make.
type Artifact struct {
	id     string
	files  []string
	data   map[string]interface{}
	behave string
}

// BuilderId implements packer.Artifact.
func (*Artifact) BuilderId() string { return "tspack.go-probe" }

// Files implements packer.Artifact.
func (a *Artifact) Files() []string { return a.files }

// Id implements packer.Artifact.
func (a *Artifact) Id() string { return a.id }

// String implements packer.Artifact.
func (a *Artifact) String() string { return "probe " + a.id }

// State implements packer.Artifact.
func (a *Artifact) State(name string) interface{} {
	if name == "generated_data" {
		return a.data
	}
	return nil
}

// Destroy implements packer.Artifact.
func (a *Artifact) Destroy() error {
	if a.behave == "indestructible" {
		return errors.New("it cannot be removed")
	}
	for _, file := range a.files {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}
