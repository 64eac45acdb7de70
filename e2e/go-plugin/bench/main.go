// A plugin of one component for bench/plugins.ts, made with HashiCorp's SDK. Its file is called packer-builder-bench or
// packer-provisioner-bench, and it announces itself as plugins did up to Packer 1.6, which tspack and Debian's packer both run.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/packer"
	"github.com/hashicorp/packer-plugin-sdk/rpc"
	"github.com/hashicorp/packer-plugin-sdk/template/config"
	"github.com/zclconf/go-cty/cty"
)

// options of both components.
type options struct {
	Messages  int `mapstructure:"messages"`
	Commands  int `mapstructure:"commands"`
	Megabytes int `mapstructure:"megabytes"`
}

func (*options) ConfigSpec() hcldec.ObjectSpec {
	spec := hcldec.ObjectSpec{}
	for _, name := range []string{"messages", "commands", "megabytes"} {
		spec[name] = &hcldec.AttrSpec{Name: name, Type: cty.Number}
	}
	return spec
}

// builder makes no machine; the one that it hands out throws away what it is sent.
type builder struct{ options }

func (b *builder) Prepare(raws ...interface{}) ([]string, []string, error) {
	return nil, nil, config.Decode(&b.options, nil, raws...)
}

func (b *builder) Run(ctx context.Context, ui packer.Ui, hook packer.Hook) (packer.Artifact, error) {
	return nil, hook.Run(ctx, packer.HookProvision, ui, nowhere{}, map[string]interface{}{})
}

// provisioner says, runs and sends as much as it is told to.
type provisioner struct{ options }

func (p *provisioner) Prepare(raws ...interface{}) error {
	return config.Decode(&p.options, nil, raws...)
}

func (p *provisioner) Provision(ctx context.Context, ui packer.Ui, machine packer.Communicator, _ map[string]interface{}) error {
	for index := 0; index < p.Messages; index++ {
		ui.Say(fmt.Sprintf("message %d", index))
	}
	for index := 0; index < p.Commands; index++ {
		command := &packer.RemoteCmd{Command: "true"}
		if err := machine.Start(ctx, command); err != nil {
			return err
		}
		command.Wait()
	}
	if p.Megabytes == 0 {
		return nil
	}
	return machine.Upload("nowhere", io.LimitReader(zeros{}, int64(p.Megabytes)<<20), nil)
}

type zeros struct{}

func (zeros) Read(into []byte) (int, error) { return len(into), nil }

// nowhere is a machine on which every command succeeds at once.
type nowhere struct{}

func (nowhere) Start(_ context.Context, command *packer.RemoteCmd) error {
	command.SetExited(0)
	return nil
}

func (nowhere) Upload(_ string, content io.Reader, _ *os.FileInfo) error {
	_, err := io.Copy(io.Discard, content)
	return err
}

func (nowhere) UploadDir(string, string, []string) error   { return nil }
func (nowhere) Download(string, io.Writer) error           { return nil }
func (nowhere) DownloadDir(string, string, []string) error { return nil }

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	listener, err := net.Listen("unix", filepath.Join(folder, "socket"))
	if err != nil {
		return err
	}
	fmt.Printf("5|unix|%s\n", listener.Addr())
	connection, err := listener.Accept()
	if err != nil {
		return err
	}
	server, err := rpc.NewServer(connection)
	if err != nil {
		return err
	}
	if strings.HasPrefix(filepath.Base(os.Args[0]), "packer-builder-") {
		err = server.RegisterBuilder(new(builder))
	} else {
		err = server.RegisterProvisioner(new(provisioner))
	}
	if err == nil {
		server.Serve()
	}
	return err
}
