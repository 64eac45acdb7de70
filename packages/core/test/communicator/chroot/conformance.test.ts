import { lab } from "@tspack/test-support";
import { test } from "uvu";
import { communicatorConformance } from "../../../../../test/support/src/conformance/communicator.ts";
import { conformanceMachine } from "./machine.ts";

communicatorConformance(lab(test, "mounts"), conformanceMachine);

test.run();
