package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/packer"
)

// Provisioner uses every call of a communicator, or does what `behave` says.
type Provisioner struct{ options Options }

// ConfigSpec implements packer.Provisioner.
func (p *Provisioner) ConfigSpec() hcldec.ObjectSpec { return p.options.FlatMapstructure().HCL2Spec() }

// Prepare implements packer.Provisioner.
func (p *Provisioner) Prepare(raws ...interface{}) error { return p.options.decode(raws...) }

// Provision implements packer.Provisioner.
func (p *Provisioner) Provision(ctx context.Context, ui packer.Ui, machine packer.Communicator, data map[string]interface{}) error {
	o := &p.options
	switch o.Behave {
	case "fail":
		return errors.New("provisioning did not work")
	case "crash":
		panic("provisioner broke")
	case "hang":
		ui.Say("hanging")
		<-ctx.Done()
		return ctx.Err()
	case "command":
		command := &packer.RemoteCmd{Command: o.Text}
		if err := command.RunWithUi(ctx, machine, ui); err != nil {
			return err
		}
		ui.Say(fmt.Sprintf("exit %d", command.ExitStatus()))
		return nil
	case "transfer":
		return p.transfer(ctx, ui, machine)
	}
	names := make([]string, 0, len(data))
	for name := range data {
		names = append(names, name)
	}
	sort.Strings(names)
	ui.Say(o.describe())
	ui.Message(o.core())
	ui.Say("data " + strings.Join(names, " "))
	ui.Say(fmt.Sprintf("values %v %v", data["ID"], data["Greeting"]))
	return nil
}

// transfer sends `count` bytes to the machine and back, by all ways there are.
func (p *Provisioner) transfer(ctx context.Context, ui packer.Ui, machine packer.Communicator) error {
	o := &p.options
	content := bytes.Repeat([]byte("0123456789abcdef"), o.Count/16)
	file := filepath.Join(o.Source, "content")
	if err := os.WriteFile(file, content, 0o640); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	tracked := ui.TrackProgress(file, 0, info.Size(), opened)
	if err := machine.Upload("content", tracked, &info); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if err := tracked.Close(); err != nil {
		return fmt.Errorf("progress: %w", err)
	}
	hash := sha256.New()
	if err := machine.Download("content", hash); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	if !bytes.Equal(hash.Sum(nil), sum(content)) {
		return errors.New("what came back differs")
	}
	var output, failure bytes.Buffer
	command := &packer.RemoteCmd{Command: "cat; echo oops >&2; exit 3", Stdin: bytes.NewReader(content), Stdout: &output, Stderr: &failure}
	if err := machine.Start(ctx, command); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if status := command.Wait(); status != 3 || !bytes.Equal(sum(output.Bytes()), sum(content)) || failure.String() != "oops\n" {
		return fmt.Errorf("command: exit %d, %d bytes, %q", status, output.Len(), failure.String())
	}
	if err := machine.UploadDir("folder", o.Source, nil); err != nil {
		return fmt.Errorf("upload folder: %w", err)
	}
	if err := machine.DownloadDir("folder", filepath.Join(o.Source, "back"), nil); err != nil {
		return fmt.Errorf("download folder: %w", err)
	}
	if err := machine.Download("missing", io.Discard); err == nil {
		return errors.New("a missing file was downloaded")
	}
	ui.Say(fmt.Sprintf("transferred %d", len(content)))
	return nil
}

func sum(content []byte) []byte {
	digest := sha256.Sum256(content)
	return digest[:]
}
