// The communicator that tests of provisioners use keeps the contract too.
import { communicatorConformance, lab, localCommunicator, tmp } from "@tspack/test-support";
import { test } from "uvu";

communicatorConformance(lab(test, "linux"), async () => {
  const root = tmp("machine");
  return { communicator: localCommunicator(root), root, close: async () => {} };
});

test.run();
