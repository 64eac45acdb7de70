package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/packer"
)

// machineOf is the folder that commands run in.
func machineOf() *folder { return &folder{root: os.Getenv("MACHINE")} }

func driveBuilder(ctx context.Context, ui *hostUi, builder packer.Builder, form string, config map[string]interface{}) error {
	configs, err := configured(builder.ConfigSpec(), form, config, false)
	if err != nil {
		return err
	}
	generated, warnings, err := builder.Prepare(configs...)
	for _, warning := range warnings {
		fmt.Println("warning", warning)
	}
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	fmt.Println("generates", strings.Join(generated, " "))
	hook := &hostHook{}
	artifact, err := builder.Run(ctx, ui, hook)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	if artifact == nil {
		fmt.Println("no artifact")
		return nil
	}
	show(artifact)
	if err := artifact.Destroy(); err != nil {
		// The connection is good for more.
		return fmt.Errorf("destroy: %w (%s)", err, artifact.Id())
	}
	fmt.Println("destroyed")
	return nil
}

func show(artifact packer.Artifact) {
	fmt.Println("artifact", artifact.BuilderId(), artifact.Id(), artifact.String(), strings.Join(artifact.Files(), "+"))
	fmt.Println("state", sorted(asMap(artifact.State("generated_data"))), artifact.State("unknown"))
}

func driveProvisioner(ctx context.Context, ui *hostUi, provisioner packer.Provisioner, form string, config map[string]interface{}) error {
	configs, err := configured(provisioner.ConfigSpec(), form, config, false)
	if err != nil {
		return err
	}
	// As Packer does with templates in HCL: once when they are read, once right before the work.
	for range 2 {
		if err := provisioner.Prepare(configs...); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	data := map[string]interface{}{"ID": "i-1", "Greeting": "hello", "Port": 22, "Nothing": nil, "PackerRunUUID": "a-run"}
	if err := provisioner.Provision(ctx, ui, machineOf(), data); err != nil {
		return fmt.Errorf("provision: %w", err)
	}
	fmt.Println("provisioned")
	return nil
}

func drivePostProcessor(ctx context.Context, ui *hostUi, post packer.PostProcessor, form string, config map[string]interface{}) error {
	configs, err := configured(post.ConfigSpec(), form, config, false)
	if err != nil {
		return err
	}
	if err := post.Configure(configs...); err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	made, keep, force, err := post.PostProcess(ctx, ui, &input{})
	if err != nil {
		return fmt.Errorf("post-process: %w", err)
	}
	fmt.Println("keep", keep, force)
	if made == nil {
		fmt.Println("no artifact")
		return nil
	}
	show(made)
	return nil
}

func driveDatasource(source packer.Datasource, form string, config map[string]interface{}) error {
	configs, err := configured(source.ConfigSpec(), form, config, true)
	if err != nil {
		return err
	}
	if err := source.Configure(configs...); err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	fmt.Println("answers with", hcldec.ImpliedType(source.OutputSpec()).FriendlyName(), len(source.OutputSpec()))
	value, err := source.Execute()
	if err != nil {
		return fmt.Errorf("execute: %w", err)
	}
	fmt.Println("value", text(value))
	return nil
}

// hostHook provisions a machine: it uses every call of the communicator that the builder offers.
type hostHook struct{}

func (*hostHook) Run(ctx context.Context, name string, ui packer.Ui, machine packer.Communicator, data interface{}) error {
	fmt.Println("hook", name, sorted(asMap(data)))
	ui.Say("said by the hook")
	switch os.Getenv("HOOK") {
	case "fail":
		return errors.New("the hook did not work")
	case "hang":
		fmt.Println("the hook hangs")
		<-ctx.Done()
		fmt.Println("the hook was cancelled")
		return ctx.Err()
	case "transfer":
		return transfer(ctx, machine)
	}
	return nil
}

// transfer sends SIZE bytes to the machine and back, by all ways there are.
func transfer(ctx context.Context, machine packer.Communicator) error {
	size, err := strconv.Atoi(os.Getenv("SIZE"))
	if err != nil {
		return err
	}
	here := os.Getenv("MACHINE")
	file := filepath.Join(here, "content")
	if err := write(file, size); err != nil {
		return err
	}
	want, err := digestOf(file)
	if err != nil {
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
	defer opened.Close()
	if err := machine.Upload("uploaded", opened, &info); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	hash := sha256.New()
	if err := machine.Download("uploaded", hash); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	if got := fmt.Sprintf("%x", hash.Sum(nil)); got != want {
		return fmt.Errorf("downloaded %s instead of %s", got, want)
	}
	if _, err := opened.Seek(0, io.SeekStart); err != nil {
		return err
	}
	hash = sha256.New()
	var failure strings.Builder
	command := &packer.RemoteCmd{Command: "cat; echo oops >&2; exit 3", Stdin: opened, Stdout: hash, Stderr: &failure}
	if err := machine.Start(ctx, command); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if status := command.Wait(); status != 3 || fmt.Sprintf("%x", hash.Sum(nil)) != want || failure.String() != "oops\n" {
		return fmt.Errorf("command: exit %d, %q", status, failure.String())
	}
	for _, one := range []int{0, 1, 42, 123, 255} {
		exits := &packer.RemoteCmd{Command: fmt.Sprintf("exit %d", one)}
		if err := machine.Start(ctx, exits); err != nil {
			return err
		}
		if status := exits.Wait(); status != one {
			return fmt.Errorf("exit %d instead of %d", status, one)
		}
	}
	if err := machine.UploadDir("folder", here+"/", []string{"left-out"}); err != nil {
		return fmt.Errorf("upload folder: %w", err)
	}
	if err := machine.DownloadDir("folder", filepath.Join(here, "back"), nil); err != nil {
		return fmt.Errorf("download folder: %w", err)
	}
	before := time.Now()
	if err := machine.Download("missing", io.Discard); err == nil {
		return errors.New("a missing file was downloaded")
	} else {
		fmt.Println("missing:", err)
	}
	// The SDK waits 5 s for a stream that is not dialled after a failure.
	fmt.Println("prompt", time.Since(before) < 4*time.Second)
	fmt.Println("transferred", size)
	return nil
}

func write(file string, size int) error {
	made, err := os.Create(file)
	if err != nil {
		return err
	}
	block := []byte(strings.Repeat("0123456789abcdef", 62_500))
	for written := 0; written < size; written += len(block) {
		if _, err := made.Write(block); err != nil {
			return err
		}
	}
	return made.Close()
}

func digestOf(file string) (string, error) {
	opened, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer opened.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, opened)
	return fmt.Sprintf("%x", hash.Sum(nil)), err
}
