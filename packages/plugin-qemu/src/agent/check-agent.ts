import type { Check, Diagnostic } from "@tspack/core/sdk";
import { doubt, problem } from "../finding.ts";
import { judge } from "../judge.ts";
import type { QemuOptions } from "../options.ts";
import { AGENT_PORT_NAME } from "./agent.ts";

/** What is wrong or doubtful about `guest_agent`. */
export function checkAgent(check: Pick<Check<QemuOptions>, "config" | "isUnknown">): Diagnostic[] {
  return judge(check, [
    ({ guest_agent, qemuargs = [], qemuargs_append = [] }) => {
      if (!guest_agent || ![...qemuargs.flat(), ...qemuargs_append].some((word) => word.includes(AGENT_PORT_NAME))) return [];
      const detail = '"guest_agent" is true, but the words of qemuargs have a port for the agent already: a guest finds only one of two.';
      return [problem("TPK3106", "guest_agent", detail, "Leave out the port, or guest_agent.")];
    },
    ({ guest_agent, communicator, shutdown_command, net_bridge }) => {
      if (!guest_agent || net_bridge || (communicator !== "none" && !shutdown_command)) return [];
      const why = communicator === "none" ? "the machine powers itself off (communicator is none)" : "there is a shutdown_command";
      return [doubt("guest_agent", `The agent is asked nothing: ${why}, and no net_bridge.`)];
    },
  ]);
}
