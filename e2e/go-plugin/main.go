// A Packer plugin made with HashiCorp's SDK, for tests: tspack runs it as it runs every Go plugin. Its four components use every call
// of the protocol.
package main

import (
	"fmt"
	"os"

	"github.com/hashicorp/packer-plugin-sdk/plugin"
	"github.com/hashicorp/packer-plugin-sdk/version"
)

// pluginVersion is set by the linker, so that tests can make several versions.
var pluginVersion = "1.0.0"

func main() {
	set := plugin.NewSet()
	set.RegisterBuilder("machine", new(Builder))
	set.RegisterProvisioner("act", new(Provisioner))
	set.RegisterProvisioner(plugin.DEFAULT_NAME, new(Provisioner))
	set.RegisterPostProcessor("pack", new(PostProcessor))
	set.RegisterDatasource("fetch", new(Datasource))
	core, prerelease := splitVersion(pluginVersion)
	set.SetVersion(version.NewPluginVersion(core, prerelease, ""))
	if err := set.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func splitVersion(text string) (string, string) {
	for i := range text {
		if text[i] == '-' {
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}
