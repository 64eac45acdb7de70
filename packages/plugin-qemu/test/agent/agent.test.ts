import { Duplex, PassThrough } from "node:stream";
import { createState, type StepContext } from "@tspack/core/sdk";
import { RecordingUi, rejects, runInfo, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AGENT_PORT, type AgentQuestion, type GuestAgent, watchAgent } from "../../src/agent/agent.ts";
import { checkAgent } from "../../src/agent/check-agent.ts";
import type { Machine, MachineEnd } from "../../src/machine/machine.ts";
import type { Qmp, QmpEvent } from "../../src/machine/qmp.ts";
import { toldAddress } from "../../src/network/agent-address.ts";
import { qemuOptions } from "../../src/options.ts";
import { agentKey, machineKey } from "../../src/steps/keys.ts";
import { shutDownStep } from "../../src/steps/shut-down.ts";

interface Bench {
  readonly agent: GuestAgent;
  /** Tells that a program of the guest opens or closes the port. */
  open(isOpen: boolean, id?: string): void;
  /** Commands that the program was sent, without their arguments. */
  readonly asked: string[];
  /** Ends the machine. */
  end(): void;
  /** Asks with usual limits. */
  ask(command: string, changes?: Partial<AgentQuestion>): Promise<unknown>;
}

/** What a program of the guest writes when it is sent a command. */
type Answering = (command: string, id: unknown) => readonly (string | Buffer)[];

const synced = (id: unknown): Buffer => Buffer.concat([Buffer.of(0xff), Buffer.from(`{"return": ${id}}\n`)]);

function bench(answering: Answering): Bench {
  const toGuest = new PassThrough();
  const fromGuest = new PassThrough();
  const port = Duplex.from({ readable: fromGuest, writable: toGuest });
  const asked: string[] = [];
  toGuest.on("data", (chunk: Buffer) => {
    for (const line of chunk
      .toString("latin1")
      .split("\n")
      .filter((text) => text !== "")) {
      const request: { readonly execute: string; readonly arguments?: { readonly id?: unknown } } = JSON.parse(line.replace(/^\xff/, ""));
      asked.push(request.execute);
      for (const part of answering(request.execute, request.arguments?.id)) fromGuest.write(part);
    }
  });
  let tell: (event: QmpEvent) => void = () => undefined;
  const qmp = {
    onEvent: (listener: (event: QmpEvent) => void) => {
      tell = listener;
      return () => undefined;
    },
  } as unknown as Qmp;
  const agent = watchAgent(port, qmp);
  const { signal } = new AbortController();
  const open = (isOpen: boolean, id = AGENT_PORT): void => tell({ event: "VSERPORT_CHANGE", data: { id, open: isOpen } });
  open(true);
  return {
    agent,
    open,
    asked,
    end: () => port.destroy(),
    ask: (command, changes) => within(20_000, () => agent.ask(command, { limitMs: 10_000, signal, ...changes })),
  };
}

/** A program that does what agents do. */
const usual: Answering = (command, id) => (command === "guest-sync-delimited" ? [synced(id)] : ['{"return": {"from": "the guest"}}\n']);

test("an answer is taken whatever was sent before it, and in whatever pieces it comes", async () => {
  const { ask, asked } = bench((command, id) => {
    if (command !== "guest-sync-delimited") return [...'{"return": {"name": "Gerät"}}\n'].map((letter) => Buffer.from(letter));
    return [
      '{"return": "of an earlier question"}\nhalf an ans',
      Buffer.of(0xff),
      '{"return": 99}\n',
      ...[...synced(id)].map((byte) => Buffer.of(byte)),
    ];
  });
  assert.equal(await ask("guest-info"), { name: "Gerät" });
  assert.equal(asked, ["guest-sync-delimited", "guest-info"]);
});

test("questions are asked one after another", async () => {
  const { ask, asked } = bench(usual);
  await Promise.all([ask("one"), ask("two")]);
  assert.equal(asked, ["guest-sync-delimited", "one", "guest-sync-delimited", "two"]);
});

test("nobody is asked as long as no program of the guest has the port open", async () => {
  const { agent, ask, open, asked } = bench(usual);
  open(false);
  open(true, "another-port");
  assert.not(agent.isThere());
  await rejects(ask("guest-info"), { message: /agent is not there/ });
  assert.equal(asked, []);
  open(true);
  assert.equal(await ask("guest-info"), { from: "the guest" });
});

test("a program that does not listen is sent no command", async () => {
  const { ask, asked } = bench(() => []);
  await rejects(ask("guest-shutdown", { listenMs: 10, isSilent: true }), { message: /the guest's agent has not answered for \S+/ });
  assert.equal(asked, ["guest-sync-delimited"]);
});

test("a command without an answer fails after its time, unless it is one that is answered only when it is refused", async () => {
  const { ask } = bench((command, id) => (command === "guest-sync-delimited" ? [synced(id)] : []));
  await rejects(ask("guest-info", { limitMs: 10 }), { message: /has not answered "guest-info" for \S+/ });
  assert.is(await ask("guest-shutdown", { limitMs: 10, isSilent: true }), undefined);
});

test("a refusal is told in the agent's words, without what they would do to a terminal", async () => {
  const { ask } = bench((command, id) =>
    command === "guest-sync-delimited" ? [synced(id)] : ['{"error": {"class": "CommandNotFound", "desc": "no\\u001b[2J such command"}}\n'],
  );
  await rejects(ask("guest-shutdown", { isSilent: true }), {
    message: /^the guest's agent refused "guest-shutdown": no \[2J such command$/,
  });
});

test("an answer without an end is not kept, and what comes is none", async () => {
  const endless = bench((command, id) => (command === "guest-sync-delimited" ? [synced(id)] : [Buffer.alloc(1_100_000, 0x20)]));
  await rejects(endless.ask("guest-info"), { message: /an answer without an end/ });
  const odd = bench((command, id) => (command === "guest-sync-delimited" ? [synced(id)] : ["7\n"]));
  assert.is(await odd.ask("guest-info"), undefined);
});

test("a question is given up when the build is cancelled, and when the machine ends", async () => {
  const { ask, end } = bench(() => []);
  const abort = new AbortController();
  const cancelled = rejects(ask("one", { signal: abort.signal }), { code: "TPK6009" });
  abort.abort();
  await cancelled;
  const ended = rejects(ask("two"), { message: /the machine has ended/ });
  setImmediate(end);
  await ended;
});

const mac = "52:54:00:aa:bb:cc";
const card = (hardware: string, ...addresses: readonly string[]) => ({
  name: "x",
  "hardware-address": hardware,
  "ip-addresses": addresses.map((address) => ({ "ip-address": address, "ip-address-type": "ipv4", prefix: 24 })),
});
const answers: readonly [name: string, answer: unknown, expected: string | undefined][] = [
  [
    "of the card that is meant",
    [{ name: "lo" }, card("52:54:00:00:00:01", "10.0.0.1"), card(mac.toUpperCase(), "fe80::1", "10.0.0.2")],
    "10.0.0.2",
  ],
  ["that other machines reach it by", [card(mac, "169.254.7.7", "127.0.0.1", "0.0.0.0", "10.0.0.3")], "10.0.0.3"],
  ["that is one", [card(mac, "-oProxyCommand=x", "10.0.0.256")], undefined],
  ["when there is none yet", [{ name: "eth0", "hardware-address": mac }], undefined],
  ["when the answer is something else", { "hardware-address": mac }, undefined],
];
for (const [name, answer, expected] of answers) {
  test(`the agent tells the address ${name}`, async () => {
    const { agent } = bench((command, id) =>
      command === "guest-sync-delimited" ? [synced(id)] : [`${JSON.stringify({ return: answer })}\n`],
    );
    assert.is(await within(20_000, () => toldAddress(agent, mac, new AbortController().signal)), expected);
  });
}

test("without an agent no address is told, and a build that is cancelled is no missing address", async () => {
  const { agent, open } = bench(() => []);
  const abort = new AbortController();
  const cancelled = rejects(toldAddress(agent, mac, abort.signal), { code: "TPK6009" });
  abort.abort();
  await cancelled;
  open(false);
  assert.is(await toldAddress(agent, mac, new AbortController().signal), undefined);
  assert.is(await toldAddress(undefined, mac, new AbortController().signal), undefined);
});

interface Ending {
  /** What the user is told. */
  readonly said: readonly string[];
  /** Commands that QEMU was sent. */
  readonly pressed: readonly string[];
}

/** Shuts a machine down that goes off when its agent or its power button is asked so, each only where it works. */
async function shutDown(
  { agent, asked }: Pick<Bench, "agent" | "asked">,
  works: { readonly agent?: boolean; readonly button?: boolean },
  limit = "1m",
): Promise<Ending> {
  const pressed: string[] = [];
  let turnOff = (_end: MachineEnd): void => undefined;
  const off = new Promise<MachineEnd>((resolve) => {
    turnOff = resolve;
  });
  const execute = async (command: string): Promise<void> => {
    pressed.push(command);
    if (works.button === true) turnOff({ cause: "guest", text: "" });
  };
  const state = createState();
  state.set(machineKey, { off, ended: off, qmp: { execute }, end: async () => turnOff({ cause: "host", text: "" }) } as unknown as Machine);
  state.set(agentKey, agent);
  const looking = setInterval(() => works.agent === true && asked.includes("guest-shutdown") && turnOff({ cause: "guest", text: "" }), 5);
  const config = qemuOptions().parse({ iso_url: "a", iso_checksum: "none", ssh_username: "root", shutdown_timeout: limit });
  const ui = new RecordingUi();
  const packer = { packer_build_name: "test" } as StepContext["packer"];
  try {
    await within(20_000, async () => shutDownStep(config).run({ state, ui, signal: new AbortController().signal, run: runInfo(), packer }));
  } finally {
    clearInterval(looking);
  }
  return { said: ui.said, pressed };
}

const asking = "There is no shutdown_command: asking the guest's agent to shut it down...";
const pressing = "There is no shutdown_command: pressing the machine's power button...";
const silent: Answering = (command, id) => (command === "guest-sync-delimited" ? [synced(id)] : []);

test("a machine is shut down by an agent that answers, and its power button is left alone", async () => {
  assert.equal(await shutDown(bench(silent), { agent: true, button: true }), { said: [asking], pressed: [] });
});

test("an agent that refuses, or does not listen, leaves it to the power button", async () => {
  const refusing = bench((command, id) =>
    command === "guest-sync-delimited" ? [synced(id)] : ['{"error": {"class": "GenericError", "desc": "no program shutdown"}}\n'],
  );
  const refused = await shutDown(refusing, { button: true });
  const why = `The machine cannot be shut down that way: the guest's agent refused "guest-shutdown": no program shutdown`;
  assert.equal(refused, { said: [asking, why, pressing], pressed: ["system_powerdown"] });
  const deaf = await shutDown(
    bench(() => []),
    { button: true },
    "20ms",
  );
  assert.match(deaf.said[1] ?? "", /the guest's agent has not answered for /);
  assert.equal(deaf.pressed, ["system_powerdown"]);
});

test("an agent that is not there is not spoken of", async () => {
  const nobody = bench(silent);
  nobody.open(false);
  assert.equal(await shutDown(nobody, { button: true }), { said: [pressing], pressed: ["system_powerdown"] });
});

test("a machine that stays on although its agent was asked is switched off in the end, which is no failure", async () => {
  const accepting = { isThere: () => true, ask: async () => undefined };
  const { said, pressed } = await shutDown({ agent: accepting, asked: [] }, {}, "20ms");
  assert.match(said[1] ?? "", /^The guest is not off .* after its agent was asked: it is switched off, and loses what it has not written/);
  assert.equal(pressed, []);
});

const checks: readonly [name: string, options: { readonly [option: string]: unknown }, expected?: string][] = [
  [
    "refused beside another port for it",
    { qemuargs_append: ["-device", "virtserialport,chardev=x,name=org.qemu.guest_agent.0"] },
    '"guest_agent" is true, but the words of qemuargs have a port for the agent already: a guest finds only one of two.',
  ],
  [
    "doubtful where there is a command",
    { shutdown_command: "poweroff" },
    "The agent is asked nothing: there is a shutdown_command, and no net_bridge.",
  ],
  [
    "doubtful without a communicator",
    { communicator: "none" },
    "The agent is asked nothing: the machine powers itself off (communicator is none), and no net_bridge.",
  ],
  ["accepted for shutting the machine down", {}],
  ["accepted for an address", { shutdown_command: "poweroff", net_bridge: "br0" }],
];
for (const [name, options, expected] of checks) {
  test(`guest_agent is ${name}`, () => {
    const config = qemuOptions().parse({ iso_url: "a", iso_checksum: "none", guest_agent: true, ...options });
    const found = checkAgent({ config, isUnknown: () => false });
    assert.equal(
      found.map(({ detail }) => detail),
      expected === undefined ? [] : [expected],
    );
  });
}

test("guest_agent is not judged while what it is used for is not known", () => {
  const config = qemuOptions().parse({ iso_url: "a", iso_checksum: "none", guest_agent: true, shutdown_command: "<unknown>" });
  assert.equal(checkAgent({ config, isUnknown: (option) => option === "shutdown_command" }), []);
});

test.run();
