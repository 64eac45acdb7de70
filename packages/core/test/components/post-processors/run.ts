import {
  type Artifact,
  type ComponentFactory,
  type Config,
  fileArtifact,
  type PackerVariables,
  type PostProcessor,
  type RunInfo,
} from "@tspack/core/sdk";
import { prepareWell, RecordingUi, runInfo } from "@tspack/test-support";

export interface Use {
  readonly folder: string;
  readonly files?: readonly string[];
  readonly data?: { readonly [name: string]: unknown };
  readonly packer?: PackerVariables;
  readonly run?: Partial<RunInfo>;
  readonly signal?: AbortSignal;
}

/** An artifact of files in a folder, as a builder hands it on. */
export function input(folder: string, files: readonly string[]): Artifact {
  return fileArtifact({
    builderId: "packer.file",
    id: "File",
    files,
    description: "files",
    state: { generated_data: { ID: "i-1" } },
    workingDirectory: folder,
  });
}

/** Prepares and runs a post-processor in a folder. */
export async function postProcess(factory: ComponentFactory<PostProcessor>, config: Config, use: Use) {
  const ui = new RecordingUi();
  const component = await factory.create();
  const run = runInfo({ workingDirectory: use.folder, ...use.run });
  await prepareWell(component, config, { run, ...(use.packer === undefined ? {} : { packer: use.packer }) });
  const signal = use.signal ?? new AbortController().signal;
  const result = await component.postProcess({ ui, artifact: input(use.folder, use.files ?? []), data: use.data ?? {}, signal });
  return { ...result, ui };
}

/** Runs one that makes an artifact, and returns it. */
export async function made(factory: ComponentFactory<PostProcessor>, config: Config, use: Use): Promise<Artifact> {
  const { artifact } = await postProcess(factory, config, use);
  if (artifact === undefined) throw new Error("no artifact was made");
  return artifact;
}
