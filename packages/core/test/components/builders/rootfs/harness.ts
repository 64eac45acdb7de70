import { packerVariables, prepareWell, RecordingUi, runInfo, tmp } from "@tspack/test-support";
import factory from "../../../../src/components/builders/rootfs/index.ts";
import {
  type Artifact,
  type Communicator,
  type Config,
  HOOK_PROVISION,
  type HookContext,
  type PrepareRequest,
} from "../../../../src/sdk/index.ts";

export interface Built {
  readonly artifact: Artifact;
  readonly ui: RecordingUi;
  readonly folder: string;
}

export interface BuildOptions extends Partial<Pick<PrepareRequest, "run" | "packer">> {
  /** Relative paths of the configuration start here. */
  readonly folder?: string;
  readonly provision?: (communicator: Communicator, context: HookContext) => Promise<void>;
  readonly onHook?: (name: string) => void;
  readonly signal?: AbortSignal;
  readonly ui?: RecordingUi;
}

/** Prepares and runs the builder in a folder of its own, with `provision` in place of provisioners. */
export async function buildRootfs(config: Config, options: BuildOptions = {}): Promise<Built> {
  const folder = options.folder ?? tmp("rootfs");
  const builder = await factory.create();
  const ui = options.ui ?? new RecordingUi();
  const run = { ...(options.run ?? runInfo()), workingDirectory: folder };
  await prepareWell(builder, config, { run, packer: options.packer ?? packerVariables() });
  const artifact = await builder.run({
    ui,
    signal: options.signal ?? new AbortController().signal,
    hook: {
      async run(name, context) {
        options.onHook?.(name);
        if (name !== HOOK_PROVISION || options.provision === undefined) return;
        if (context.communicator === undefined) throw new Error("the builder has no communicator");
        await options.provision(context.communicator, context);
      },
    },
  });
  if (artifact === undefined) throw new Error("the builder made nothing");
  return { artifact, ui, folder };
}
