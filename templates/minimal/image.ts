// The smallest program: one build, one command on this machine.
import { build, provision, source, variable } from "tspack";

const greeting = variable("greeting", { default: "hello", description: "What to say; change it with -var greeting=hi" });

const machine = source("null", "machine", { communicator: "none" });

export default build({
  name: "first",
  sources: [machine],
  provisioners: [provision("shell-local", { inline: [`echo "${greeting} from tspack"`] })],
});
