// Entry of dist/runtime.cjs: the engine and the DSL, the only copy of them that a process of the CLI holds.
import * as z from "zod";

export * as core from "@tspack/core";
export * as sdk from "@tspack/core/sdk";
export * as dsl from "@tspack/dsl";
export * as tspack from "./index.ts";

// Each schema runs about once per process; compiling it first costs more than it saves. This zod is bundled, so nobody else sees it.
z.config({ jitless: true });
