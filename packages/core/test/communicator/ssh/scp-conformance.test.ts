import { test } from "uvu";
import { methodConformance } from "./method-conformance.ts";

methodConformance("scp");

test.run();
