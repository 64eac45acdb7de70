import { test } from "uvu";
import { methodConformance } from "./method-conformance.ts";

methodConformance("sftp");

test.run();
