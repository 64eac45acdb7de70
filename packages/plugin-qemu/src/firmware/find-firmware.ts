// EFI firmware: named by the user, or found on this system (rows QM-16, QM-17, QM-201).
import { open, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { BuildError } from "@tspack/core/sdk";
import * as z from "zod";
import { isX86, type MachineKind } from "../command-line/machine-kind.ts";
import type { FirmwareFile } from "../command-line/plan.ts";

/** Which firmware is looked for. */
export interface FindFirmwareOptions {
  /** `efi_firmware_code` and `efi_firmware_vars`. */
  readonly code: string | undefined;
  readonly vars: string | undefined;
  /** The firmware has to be for this processor and machine type. */
  readonly machine: MachineKind;
  /** Relative paths start here. Absolute. */
  readonly workingDirectory: string;
  readonly environment: { readonly [name: string]: string | undefined };
}

/** Firmware code, and the template for the variables of a machine. */
export interface Firmware {
  readonly code: FirmwareFile;
  readonly vars: FirmwareFile;
}

/**
 * The firmware for a machine. What the user does not name is looked for: Packer's default, then what QEMU's firmware descriptions on this
 * system offer without Secure Boot. Throws a `BuildError` (TPK3107 for a file that was named, TPK6008 when there is no firmware).
 */
export async function findFirmware(options: FindFirmwareOptions): Promise<Firmware> {
  const { machine } = options;
  const named = namedBy(options);
  if (named.code !== undefined && named.vars !== undefined) {
    return {
      code: await readable(named.code, "efi_firmware_code", machine),
      vars: await readable(named.vars, "efi_firmware_vars", machine),
    };
  }
  if (named.code !== undefined) {
    // The variables that belong to a code lie beside it.
    const beside = join(dirname(named.code), basename(named.code).replace("CODE", "VARS").replace(".secboot", ""));
    const vars = beside === named.code ? undefined : await existing(beside);
    return { code: await readable(named.code, "efi_firmware_code", machine), vars: vars ?? (await found(options)).vars };
  }
  const firmware = await found(options);
  return named.vars === undefined ? firmware : { code: firmware.code, vars: await readable(named.vars, "efi_firmware_vars", machine) };
}

/** What `findFirmware` would throw, but all of it: of two files that were named both may be missing. */
export async function firmwareTroubles(options: FindFirmwareOptions): Promise<readonly BuildError[]> {
  const { code, vars } = namedBy(options);
  const files = [
    ...(code === undefined ? [] : [readable(code, "efi_firmware_code", options.machine)]),
    ...(vars === undefined ? [] : [readable(vars, "efi_firmware_vars", options.machine)]),
  ];
  const named = (await Promise.all(files.map(troubleOf))).filter((error) => error !== undefined);
  if (named.length > 0) return named;
  const trouble = await troubleOf(findFirmware(options));
  return trouble === undefined ? [] : [trouble];
}

// --- internal ---

async function troubleOf(work: Promise<unknown>): Promise<BuildError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
}

function namedBy({ code, vars, workingDirectory }: FindFirmwareOptions): { readonly [part in "code" | "vars"]: string | undefined } {
  return { code: given(code, workingDirectory), vars: given(vars, workingDirectory) };
}

const DEFAULTS = { code: "/usr/share/OVMF/OVMF_CODE.fd", vars: "/usr/share/OVMF/OVMF_VARS.fd" };

function given(path: string | undefined, workingDirectory: string): string | undefined {
  return path === undefined || path === "" ? undefined : resolve(workingDirectory, path);
}

async function readable(
  path: string,
  option: "efi_firmware_code" | "efi_firmware_vars",
  { architecture }: MachineKind,
): Promise<FirmwareFile> {
  const file = await existing(path);
  if (file !== undefined) return file;
  const hint = `check the option ${option}, leave it out to have the firmware looked for, or install it (${packagesFor(architecture)})`;
  throw new BuildError(`the firmware ${path} cannot be read`, { code: "TPK3107", option, hint });
}

/** The packages that have the firmware of a processor. */
function packagesFor(architecture: string): string {
  const [debian, others] = architecture === "aarch64" ? ["qemu-efi-aarch64", "edk2-aarch64"] : ["ovmf", "edk2-ovmf"];
  return `on Debian and Ubuntu the package ${debian}, on Fedora and Arch ${others}`;
}

/** A firmware file with its format; undefined when it cannot be read. */
async function existing(path: string): Promise<FirmwareFile | undefined> {
  try {
    const file = await open(path);
    try {
      const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return { path, format: buffer.equals(QCOW2) ? "qcow2" : "raw" };
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

const QCOW2 = Buffer.from("QFI\xfb", "latin1");

async function found({ machine, environment }: FindFirmwareOptions): Promise<Firmware> {
  const { architecture, type = "" } = machine;
  if (isX86(machine)) {
    const [code, vars] = await Promise.all([existing(DEFAULTS.code), existing(DEFAULTS.vars)]);
    if (code !== undefined && vars !== undefined) return { code, vars };
  }
  for (const description of await descriptions(environment)) {
    if (!description.targets.some((target) => target.architecture === architecture && isFor(target.machines, type))) continue;
    if (!description["interface-types"].includes("uefi")) continue;
    if (description.features.some((feature) => feature === "secure-boot" || feature === "requires-smm")) continue;
    const { mapping } = description;
    if (mapping.device !== "flash" || mapping.executable === undefined || mapping["nvram-template"] === undefined) continue;
    const [code, vars] = await Promise.all([existing(mapping.executable.filename), existing(mapping["nvram-template"].filename)]);
    if (code !== undefined && vars !== undefined) return { code, vars };
  }
  throw new BuildError(
    `there is no EFI firmware for ${[architecture, type].filter(Boolean).join(" machines of the type ")} on this system`,
    {
      code: "TPK6008",
      hint: `install it (${packagesFor(architecture)}), or name it with efi_firmware_code and efi_firmware_vars`,
    },
  );
}

/** Whether one of the patterns, where `*` stands for anything, is for the machine type. They are of the names that have a version. */
function isFor(patterns: readonly string[], type: string): boolean {
  const name = { pc: "pc-i440fx-0", q35: "pc-q35-0", virt: "virt-0" }[type] ?? type;
  return patterns.some((pattern) => {
    const [start = "", ...rest] = pattern.split("*");
    return rest.length === 0 ? name === pattern : name.startsWith(start) && name.endsWith(rest.at(-1) ?? "");
  });
}

/** QEMU's firmware descriptions (docs/interop/firmware.json of QEMU), in the order of their names; a later folder yields to an earlier one. */
const descriptionSchema = z.object({
  "interface-types": z.array(z.string()),
  mapping: z.object({
    device: z.string(),
    executable: z.object({ filename: z.string() }).optional(),
    "nvram-template": z.object({ filename: z.string() }).optional(),
  }),
  targets: z.array(z.object({ architecture: z.string(), machines: z.array(z.string()) })),
  features: z.array(z.string()),
});

async function descriptions(environment: FindFirmwareOptions["environment"]): Promise<z.infer<typeof descriptionSchema>[]> {
  const folders = [
    ...(environment.HOME ? [join(environment.XDG_CONFIG_HOME || join(environment.HOME, ".config"), "qemu/firmware")] : []),
    "/etc/qemu/firmware",
    "/usr/local/share/qemu/firmware",
    "/usr/share/qemu/firmware",
    "/opt/homebrew/share/qemu/firmware",
  ];
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (name.endsWith(".json") && !files.has(name)) files.set(name, join(folder, name));
    }
  }
  const read = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(async ([, path]) => {
      try {
        return descriptionSchema.parse(JSON.parse(await readFile(path, "utf8")));
      } catch {
        // Empty files are how an administrator hides a description.
        return undefined;
      }
    });
  return (await Promise.all(read)).filter((description) => description !== undefined);
}
