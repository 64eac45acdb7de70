import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { builderConformance, tmp } from "@tspack/test-support";
import { test } from "uvu";
import file from "../../../src/components/builders/file.ts";
import nullBuilder from "../../../src/components/builders/null.ts";

builderConformance(
  (name, body) => test(`null ${name}`, body),
  async () => ({ factory: nullBuilder, config: { communicator: "none" }, workingDirectory: tmp() }),
);

builderConformance(
  (name, body) => test(`file ${name}`, body),
  async () => {
    const workingDirectory = tmp();
    writeFileSync(join(workingDirectory, "in"), "x");
    return { factory: file, config: { target: "sub/out", source: "in" }, workingDirectory };
  },
);

test.run();
