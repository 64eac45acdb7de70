// What is behind the wire keeps the same contracts as what is not.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  artifactConformance,
  communicatorConformance,
  hookConformance,
  lab,
  localCommunicator,
  type SeenByUser,
  tmp,
  uiConformance,
} from "@tspack/test-support";
import { test } from "uvu";
import { BuildHook } from "../../../src/engine/hooks.ts";
import { Questions } from "../../../src/engine/questions.ts";
import { EventBus } from "../../../src/events/bus.ts";
import { Redactor } from "../../../src/events/redact.ts";
import { EventUi } from "../../../src/events/ui.ts";
import { artifactClient, artifactService } from "../../../src/protocol/services/artifact.ts";
import { communicatorClient } from "../../../src/protocol/services/communicator-client.ts";
import { communicatorService } from "../../../src/protocol/services/communicator-service.ts";
import { hookClient, hookService } from "../../../src/protocol/services/hook.ts";
import { addUiService, uiClient } from "../../../src/protocol/services/ui.ts";
import { fileArtifact } from "../../../src/sdk/file-artifact.ts";
import { HOOK_PROVISION } from "../../../src/sdk/hook.ts";
import { asSeen } from "../../events/seen.ts";
import { closeWires, wire } from "./wire.ts";

const never = new AbortController().signal;
const named = (name: string, register: typeof test) =>
  Object.assign((title: string, body: () => Promise<void>) => void register(`${name} over the wire: ${title}`, body), { skip: test.skip });

uiConformance(named("Ui", test), async ({ answer }) => {
  const bus = new EventBus(new Redactor());
  const seen: SeenByUser[] = [];
  bus.listen((event) => seen.push(...asSeen(event)));
  const questions = new Questions(bus, answer === undefined ? undefined : ({ text }) => answer(text), never);
  const real = new EventUi(bus, { build: "web" }, (text, source, options) => questions.ask(text, source, options));
  const connection = await wire();
  const ui = uiClient(await connection.serve((services) => addUiService(services, { ui: real, signal: never })), { isExtended: true });
  return {
    ui,
    seen: async () => {
      await ui.settled();
      return seen;
    },
    close: async () => {
      connection.close();
      bus.end();
    },
  };
});

hookConformance(named("Hook", test), async () => {
  const real = new BuildHook();
  const connection = await wire();
  const rpc = await connection.serve((services) =>
    services.set("Hook", hookService({ hook: real, broker: connection.plugin, signal: never, isExtended: true })),
  );
  return { hook: hookClient(rpc, connection.host), attach: (listener) => real.attach(HOOK_PROVISION, listener) };
});

artifactConformance(named("Artifact", test), async () => {
  const workingDirectory = tmp("artifact");
  writeFileSync(join(workingDirectory, "image"), "x");
  const state = { generated_data: { ID: "i-1", Port: 22 } };
  const real = fileArtifact({ builderId: "packer.test", id: "image", files: ["image"], description: "an image", state, workingDirectory });
  const connection = await wire();
  const rpc = await connection.serve((services) => services.set("Artifact", artifactService(real)));
  return { artifact: await artifactClient(rpc), workingDirectory };
});

const machine = lab(test, "linux");
communicatorConformance(
  (title, body) => machine(`Communicator over the wire: ${title}`, body),
  async () => {
    const root = tmp("machine");
    const connection = await wire();
    const abort = new AbortController();
    const service = communicatorService({ communicator: localCommunicator(root), broker: connection.plugin, signal: abort.signal });
    const rpc = await connection.serve((services) => services.set("Communicator", service));
    return {
      communicator: communicatorClient(rpc, connection.host),
      root,
      close: async () => {
        abort.abort();
        connection.close();
      },
    };
  },
);

// Not every suite closes what it was given.
test.after(closeWires);

test.run();
