// Components as they are served: with what Packer needs and does not see to itself.
import type { Redactor } from "../../events/redact.ts";
import type { Builder } from "../builder.ts";
import type { Datasource } from "../datasource.ts";
import type { PostProcessor } from "../post-processor.ts";
import type { Provisioner } from "../provisioner.ts";
import { flatArtifact, flatData } from "./generated-data.ts";
import { hidingUi } from "./hiding-ui.ts";

/** A builder that hides secrets, and whose generated data is flat, in hooks and in its artifact. */
export function guardedBuilder(builder: Builder, secrets?: Redactor): Builder {
  return {
    prepare: (request) => builder.prepare(request),
    async run({ ui, hook, signal }) {
      const flatHook: typeof hook = { run: async (name, context) => hook.run(name, { ...context, data: flatData(context.data) }) };
      const artifact = await builder.run({ ui: hidingUi(ui, secrets), hook: flatHook, signal });
      return artifact === undefined ? undefined : flatArtifact(artifact);
    },
  };
}

/** A provisioner that hides secrets. */
export function guardedProvisioner(provisioner: Provisioner, secrets?: Redactor): Provisioner {
  return {
    prepare: (request) => provisioner.prepare(request),
    provision: (context) => provisioner.provision({ ...context, ui: hidingUi(context.ui, secrets) }),
  };
}

/** A post-processor that hides secrets, and whose artifact has flat generated data. An input that is handed on stays the same object. */
export function guardedPostProcessor(postProcessor: PostProcessor, secrets?: Redactor): PostProcessor {
  return {
    prepare: (request) => postProcessor.prepare(request),
    async postProcess(context) {
      const result = await postProcessor.postProcess({ ...context, ui: hidingUi(context.ui, secrets) });
      if (result.artifact === undefined || result.artifact === context.artifact) return result;
      return { ...result, artifact: await flatArtifact(result.artifact) };
    },
  };
}

/** A data source that hides secrets. */
export function guardedDatasource(datasource: Datasource, secrets?: Redactor): Datasource {
  return {
    prepare: (request) => datasource.prepare(request),
    execute: (context) => datasource.execute({ ...context, ui: hidingUi(context.ui, secrets) }),
  };
}
