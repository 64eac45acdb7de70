// Components in a Go plugin keep the same contracts as those of our own.
import {
  builderConformance,
  buildGoPlugin,
  datasourceConformance,
  installPlugin,
  lab,
  localCommunicator,
  postProcessorConformance,
  provisionerConformance,
  tmp,
} from "@tspack/test-support";
import { test } from "uvu";
import { asBuilder, asDatasource, asPostProcessor, asProvisioner } from "../../src/components/lookup.ts";
import type { PluginCatalog } from "../../src/plugins/catalog.ts";
import type { Component, ComponentFactory, ComponentKind } from "../../src/sdk/component.ts";
import { fileArtifact } from "../../src/sdk/file-artifact.ts";
import { catalogIn } from "./go-components.ts";

const goTest = lab(test, "go", "linux");
const required = "yes";
let catalog: PluginCatalog | undefined;

/** The factory of a component of the probe. All tests share a catalog, as the builds of a run do. */
async function factoryOf<C extends Component>(
  kind: ComponentKind,
  type: string,
  as: (component: Component) => C,
): Promise<ComponentFactory<C>> {
  if (catalog === undefined) {
    const folder = tmp("plugins");
    installPlugin(folder, buildGoPlugin());
    catalog = catalogIn(folder);
  }
  const factory = await catalog.find(kind, type);
  if (factory === undefined) throw new Error(`the probe has no ${kind} ${type}`);
  return { ...factory, create: async () => as(await factory.create()) };
}

builderConformance(goTest, async () => {
  const workingDirectory = tmp("work");
  const config = { required, text: "x", target: workingDirectory };
  return { factory: await factoryOf("builder", "probe-machine", asBuilder), config, workingDirectory };
});

provisionerConformance(goTest, async () => ({
  factory: await factoryOf("provisioner", "probe-act", asProvisioner),
  config: { required, behave: "command", text: "true" },
  endless: { required, behave: "hang" },
  wrong: { config: {}, option: "required" },
  communicator: localCommunicator(tmp("machine")),
  folders: [],
}));

postProcessorConformance(goTest, async () => {
  const workingDirectory = tmp("work");
  const artifact = fileArtifact({ builderId: "b", id: "1", files: [], description: "one" });
  const config = { required, text: "made" };
  return { factory: await factoryOf("post-processor", "probe-pack", asPostProcessor), config, artifact, workingDirectory };
});

datasourceConformance(goTest, async () => ({
  factory: await factoryOf("datasource", "probe-fetch", asDatasource),
  config: { required, text: "x", source: "s", items: ["a"], ratio: 0.5 },
}));

test("everything that was started is stopped with the catalog", async () => {
  await catalog?.close();
});

test.run();
