// The machine starts (rows QM-85, QM-87, QM-89, QM-90).
import { mkdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import {
  additionalIsoPathsKey,
  cdPathKey,
  errorText,
  floppyPathKey,
  httpAddressKey,
  httpPortKey,
  isoPathKey,
  type RunInfo,
  renderTemplate,
  type Step,
  type StepContext,
  type TemplateContext,
} from "@tspack/core/sdk";
import { watchAgent } from "../agent/agent.ts";
import { defaultSwitches, NETWORK, networkCard } from "../command-line/defaults.ts";
import { isX86, machineKind } from "../command-line/machine-kind.ts";
import { mergeSwitches } from "../command-line/merge.ts";
import { isReplaced, names } from "../command-line/own-switches.ts";
import type { MachinePlan } from "../command-line/plan.ts";
import { type Switches, wordsOf } from "../command-line/switches.ts";
import type { Processor } from "../console/processor.ts";
import { Screen } from "../console/screen.ts";
import { SerialConsole } from "../console/serial-console.ts";
import { type Machine, startMachine } from "../machine/machine.ts";
import { GOING_OFF_MS, offWithin } from "../machine/off-within.ts";
import { watchCard } from "../network/card.ts";
import { networkExplained, nothingLeads, portTaken } from "../network/explain.ts";
import { addForward, freePort, hostPorts } from "../network/forward.ts";
import { guestPort, namedHost } from "../network/guest-end.ts";
import { hardwareAddress } from "../network/hardware-address.ts";
import type { Accelerator, QemuOptions } from "../options.ts";
import { absolute, type Place } from "../place.ts";
import {
  acceleratorKey,
  agentKey,
  cardKey,
  consoleKey,
  devicesKey,
  disksKey,
  firmwareKey,
  hostPortKey,
  machineKey,
  processorKey,
  screenKey,
  tpmKey,
} from "./keys.ts";
import { keptKey, mayStayOn } from "./left-on.ts";
import { monitorSocket, wantedSocket } from "./monitor-socket.ts";
import { openVnc } from "./open-vnc.ts";
import { startFreshTpm } from "./prepare.ts";

export interface StartOptions {
  readonly config: QemuOptions;
  readonly place: Place;
  /** For `qemuargs`. */
  readonly template: TemplateContext;
}

/**
 * The step that starts QEMU, gives the guest its port of this host, opens console and screen, and lets the guest run: not before, or it might
 * be off already while this host is busy. At the end QEMU is gone, for certain.
 */
export function startStep(options: StartOptions): Step {
  const { config, place } = options;
  let isRetried = false;
  return {
    name: "start machine",
    async run(context) {
      const { run, ui } = context;
      await endMachine(options, context);
      // A TPM ends with the machine that it has served.
      if (isRetried) await startFreshTpm(config, place, context);
      isRetried = true;
      const socket = monitorSocket({ ...options, run });
      if (socket !== undefined && socket !== wantedSocket({ ...options, run })) {
        ui.say(`The path of the monitor socket is longer than the system takes: the socket is ${socket}`);
      }
      const { machine, isOursToRun } = await startOnFreePort(options, context);
      context.state.set(cardKey, await watchCard(machine.qmp));
      await openTraces(machine, options, context);
      await openVnc(machine, config, context);
      if (isOursToRun) {
        await machine.qmp.execute("cont").catch(async (error: unknown) => {
          // Why a machine has ended is told by the steps that need it.
          if ((await offWithin(machine, GOING_OFF_MS, context.signal)) === undefined) throw error;
        });
      }
    },
    cleanup: (context) => endMachine(options, context),
  };
}

// --- internal ---

/** Ends the machine, if there is one, and removes what belongs to it alone. */
async function endMachine(options: StartOptions, { state, run }: StepContext): Promise<void> {
  const machine = state.find(machineKey);
  if (machine === undefined) return;
  await machine.end();
  const socket = monitorSocket({ ...options, run });
  if (socket !== undefined) await rm(absolute(socket, run), { force: true });
  await rm(screenFolder(run, machine), { recursive: true, force: true });
  await rm(keptKey(options.place), { force: true });
}

/** Somebody may take a port between finding it and QEMU's start. */
const TRIES = 10;

/** Keeps the guest from running until the monitor is told "cont". A user who gives it wants to be the one who tells. */
const STOPPED = "-S";

interface Started {
  readonly machine: Machine;
  /** The guest waits for us, not for the user. */
  readonly isOursToRun: boolean;
}

async function startOnFreePort(options: StartOptions, context: StepContext): Promise<Started> {
  const { config, place } = options;
  const { state, ui, signal, run, packer } = context;
  const guest = guestPort(config);
  const range = hostPorts(config);
  // Templates that name the port on the command line have to know it before QEMU binds it.
  const isFixed = config.skip_nat_mapping || needsPortEarly(config);
  for (let tries = 1; ; tries++) {
    const early =
      guest === undefined || config.net_bridge || !isFixed ? undefined : config.skip_nat_mapping ? guest : await freePort(range, signal);
    const switches = await commandLine(options, context, early);
    const argv: [string, ...string[]] = [place.qemu, ...wordsOf(switches), ...(config.qemuargs_append ?? [])];
    ui.say(tries === 1 ? "Starting the machine..." : `Starting the machine again, with port ${early ?? ""}...`);
    ui.log(
      "info",
      `command line: ${argv.map((word) => (/[^\w./:=,@+-]/.test(word) || word === "" ? JSON.stringify(word) : word)).join(" ")}`,
    );
    const hasSerial = !argv.some((word) => /^--?(serial|nographic)$/.test(word));
    const isOursToRun = !argv.some((word) => /^--?S$/.test(word));
    try {
      const machine = await startMachine({
        argv: isOursToRun ? [...argv, STOPPED] : argv,
        hasSerial,
        hasAgent: config.guest_agent,
        env: run.environment,
        cwd: run.workingDirectory,
        setpriv: place.setpriv,
        mayOutliveUs: mayStayOn(packer),
        ui,
        signal,
      });
      state.set(machineKey, machine);
      if (machine.agent !== undefined) state.set(agentKey, watchAgent(machine.agent, machine.qmp));
      state.set(processorKey, processorOf(switches, config, state.get(acceleratorKey)));
      ui.log("info", `the machine is process ${machine.pid}`);
      if (early !== undefined) state.set(hostPortKey, early);
      else if (guest === undefined) ui.say("No port of this host is forwarded: the communicator is none");
      else if (config.net_bridge) ui.say(`No port of this host is forwarded: the machine is on the bridge ${config.net_bridge}`);
      else if (ownNetwork(switches)) {
        const port = await addForward(machine.qmp, range, guest, signal);
        ui.log("info", `port ${port} of this host leads to port ${guest} of the machine`);
        state.set(hostPortKey, port);
      } else if (!namedHost(config)) throw nothingLeads(config, guest);
      return { machine, isOursToRun };
    } catch (error) {
      const said = errorText(error);
      const isTaken = /could not set up host forwarding/i.test(said) && said.includes(`:${early}-`);
      if (isTaken && config.skip_nat_mapping) throw portTaken(guest, error);
      if (!isTaken || early === undefined || tries >= TRIES) throw networkExplained(error, config);
      ui.log("info", `port ${early} was taken: ${said}`);
    }
  }
}

function processorOf(switches: Switches, config: QemuOptions, accelerator: Accelerator): Processor {
  return {
    model: switches.get("-cpu")?.at(-1),
    accelerator: names(config, ["-machine", "-M", "-accel", "-enable-kvm"]) ? undefined : accelerator,
    architecture: machineKind(config).architecture,
    isOwnRow: isReplaced(config, "-cpu"),
  };
}

/** Whether the user's own words forward ports, or name the one that is forwarded. */
function needsPortEarly({ qemuargs = [] }: QemuOptions): boolean {
  return qemuargs.some((row) => row.some((word) => word.includes("SSHHostPort") || word.includes("hostfwd=")));
}

function ownNetwork(switches: Switches): boolean {
  return (switches.get("-netdev") ?? []).some((value) => value.startsWith("user,") && value.includes(`id=${NETWORK}`));
}

async function commandLine(
  { config, place, template }: StartOptions,
  { state, run }: StepContext,
  hostPort: number | undefined,
): Promise<Switches> {
  const guest = guestPort(config);
  const cd = state.find(cdPathKey);
  const firmware = state.find(firmwareKey);
  const plan: MachinePlan = {
    config,
    name: place.name,
    accelerator: state.get(acceleratorKey),
    disks: state.get(disksKey),
    cds: [
      ...(config.disk_image ? [] : [state.get(isoPathKey)]),
      ...(cd === undefined ? [] : [cd]),
      ...(state.find(additionalIsoPathsKey) ?? []),
    ],
    floppy: state.find(floppyPathKey),
    efi: firmware,
    forward: hostPort === undefined || guest === undefined ? undefined : { hostPort, guestPort: guest },
    vnc: {
      address: config.vnc_bind_address,
      first: config.vnc_port_min - FIRST_VNC_PORT,
      // The upper bound belongs to the range only when it is also the lower one (row QM-42).
      last: Math.max(config.vnc_port_min, config.vnc_port_max - 1) - FIRST_VNC_PORT,
      hasPassword: config.vnc_use_password,
    },
    // Two machines at once never have one output folder.
    hardwareAddress: config.net_bridge ? hardwareAddress(hostname(), absolute(place.outputDirectory, run), place.name) : undefined,
    tpmSocket: state.find(tpmKey)?.socket,
    devices: state.find(devicesKey),
    qmpSocket: monitorSocket({ config, place, run }),
  };
  const data = {
    HTTPIP: state.get(httpAddressKey),
    HTTPPort: state.find(httpPortKey) ?? 0,
    HTTPDir: config.http_directory ?? "",
    HTTPContent: config.http_content ?? {},
    OutputDir: place.outputDirectory,
    Name: place.name,
    SSHHostPort: hostPort ?? 0,
  };
  const rows = (config.qemuargs ?? []).map((row) => row.map((word) => renderTemplate(word, { ...template, phase: "run", data })));
  await mkdir(run.temporaryDirectory, { recursive: true });
  return mergeSwitches(defaultSwitches(plan), { rows, append: config.qemuargs_append ?? [], card: networkCard(plan) });
}

const FIRST_VNC_PORT = 5900;

function screenFolder(run: RunInfo, { pid }: Machine): string {
  return join(run.temporaryDirectory, `screen-${pid}`);
}

async function openTraces(machine: Machine, { config, place }: StartOptions, { state, ui, run }: StepContext): Promise<void> {
  const folder = screenFolder(run, machine);
  await mkdir(folder, { recursive: true });
  state.set(screenKey, new Screen(machine.qmp, folder, { isPc: isX86(machineKind(config)) }));
  if (machine.serial === undefined) return;
  const logFile = join(place.tracesDirectory, `${place.traceName}-console.log`);
  state.set(consoleKey, new SerialConsole(machine.serial, { ui, logFile }));
  ui.log("info", `the machine's serial console is kept in ${logFile}`);
  ui.machine("tspack:file", "console", logFile);
}
