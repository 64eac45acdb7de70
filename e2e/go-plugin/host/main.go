// A host made with HashiCorp's SDK, for tests: it starts one component of a plugin as Packer 1.7 and later do and drives it through
// the SDK's own clients. What it sees goes to standard output, one line each; its folder is the machine, its files are its work.
//
//	host KIND COMPONENT FORM PLUGIN CONFIGURATION
//
// FORM is protobuf, gob or plain (gob, with a map instead of typed options), CONFIGURATION a JSON object.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sort"
	"strings"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/packer"
	"github.com/hashicorp/packer-plugin-sdk/rpc"
)

const cookie = "PACKER_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 5 {
		return errors.New("usage: host KIND COMPONENT FORM PLUGIN CONFIGURATION")
	}
	kind, component, form, plugin := args[0], args[1], args[2], args[3]
	var config map[string]interface{}
	if err := json.Unmarshal([]byte(args[4]), &config); err != nil {
		return err
	}
	if err := describe(plugin, kind, component); err != nil {
		return err
	}
	client, stop, err := start(plugin, kind, component, form == "protobuf")
	if err != nil {
		return err
	}
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	ui := &hostUi{cancelAt: os.Getenv("CANCEL_AT"), cancel: cancel}
	drive := map[string]func() error{
		"builder":        func() error { return driveBuilder(ctx, ui, client.Builder(), form, config) },
		"provisioner":    func() error { return driveProvisioner(ctx, ui, client.Provisioner(), form, config) },
		"post-processor": func() error { return drivePostProcessor(ctx, ui, client.PostProcessor(), form, config) },
		"datasource":     func() error { return driveDatasource(client.Datasource(), form, config) },
	}[kind]
	if drive == nil {
		return fmt.Errorf("no kind of component: %s", kind)
	}
	return drive()
}

// describe asks the plugin what it is, and looks for the component there.
func describe(plugin, kind, component string) error {
	out, err := exec.Command(plugin, "describe").Output()
	if err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	var description struct {
		Version         string   `json:"version"`
		APIVersion      string   `json:"api_version"`
		ProtocolVersion string   `json:"protocol_version"`
		Builders        []string `json:"builders"`
		Provisioners    []string `json:"provisioners"`
		PostProcessors  []string `json:"post_processors"`
		Datasources     []string `json:"datasources"`
	}
	if err := json.Unmarshal(out, &description); err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	fmt.Println("describe", description.Version, description.APIVersion, description.ProtocolVersion)
	names := map[string][]string{
		"builder": description.Builders, "provisioner": description.Provisioners,
		"post-processor": description.PostProcessors, "datasource": description.Datasources,
	}[kind]
	for _, name := range names {
		if name == component {
			return nil
		}
	}
	return fmt.Errorf("%s has no %s %s", plugin, kind, component)
}

// start starts a component and connects to it. What it logs is dropped; the returned function ends it as Packer does.
func start(plugin, kind, component string, useProto bool) (*rpc.Client, func(), error) {
	args := []string{"start", kind}
	if useProto {
		args = append(args, "--protobuf")
	}
	command := exec.Command(plugin, append(args, component)...)
	command.Env = append(os.Environ(), cookie, "PACKER_PLUGIN_MIN_PORT=10000", "PACKER_PLUGIN_MAX_PORT=25000", "PACKER_RUN_UUID=a-run")
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	kill := func() { _ = command.Process.Kill(); _ = command.Wait() }
	lines := make(chan string, 1)
	go func() {
		reader := bufio.NewReader(stdout)
		line, _ := reader.ReadString('\n')
		lines <- line
		_, _ = io.Copy(io.Discard, reader)
	}()
	var line string
	select {
	case line = <-lines:
	case <-time.After(time.Minute):
		kill()
		return nil, nil, errors.New("no handshake")
	}
	parts := strings.SplitN(strings.TrimSpace(line), "|", 4)
	if len(parts) != 4 || parts[0] != "5" || parts[1] > "0" {
		kill()
		return nil, nil, fmt.Errorf("the handshake is %q", line)
	}
	connection, err := net.Dial(parts[2], parts[3])
	if err != nil {
		kill()
		return nil, nil, err
	}
	client, err := rpc.NewClient(connection)
	if err != nil {
		kill()
		return nil, nil, err
	}
	client.UseProto = useProto
	return client, func() { _ = client.Close(); kill() }, nil
}

func sorted(data map[string]interface{}) string {
	names := make([]string, 0, len(data))
	for name := range data {
		names = append(names, name)
	}
	sort.Strings(names)
	texts := make([]string, 0, len(names))
	for _, name := range names {
		texts = append(texts, fmt.Sprintf("%s=%v(%T)", name, data[name], data[name]))
	}
	return strings.Join(texts, " ")
}

// asMap takes a map as the wire brings it.
func asMap(value interface{}) map[string]interface{} {
	result := map[string]interface{}{}
	switch found := value.(type) {
	case map[string]interface{}:
		return found
	case map[interface{}]interface{}:
		for name, one := range found {
			result[fmt.Sprint(name)] = one
		}
	}
	return result
}

var _ packer.Ui = (*hostUi)(nil)
