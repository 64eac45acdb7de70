import { lstat } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import { parseChecksum } from "../../../checksum/checksum.ts";
import type { Diagnostic } from "../../../diagnostics/diagnostic.ts";
import { TspackError } from "../../../diagnostics/error.ts";
import type { PathSegment } from "../../../diagnostics/range.ts";
import { findProgram } from "../../../files/find-program.ts";
import type { Check } from "../../../sdk/config/define.ts";
import type { Base, OutputOption, RootfsOptions } from "./options.ts";
import { parseSize } from "./output/size.ts";

/** What the schema cannot say: options that do not go together, and the world outside. */
export async function checkRootfs(check: Check<RootfsOptions>): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  if (!check.isUnknown("base")) diagnostics.push(...(await checkBase(check.config.base, check)));
  if (!check.isUnknown("files")) diagnostics.push(...(await checkFiles(check)));
  if (!check.isUnknown("output")) diagnostics.push(...(await checkOutputs(check)));
  return diagnostics;
}

async function checkBase(base: Base, { run }: Check<RootfsOptions>): Promise<Diagnostic[]> {
  if (base === "scratch") return [];
  const needsLinux = base === "host" || (typeof base === "object" && ("host" in base || "host_files" in base || "debootstrap" in base));
  if (needsLinux && process.platform !== "linux") {
    return [
      problem("TPK6008", "System not supported", `This kind of base needs Linux, and this is ${process.platform}.`, ["base"], {
        hint: 'On other systems use base "scratch", a folder, or a root file system archive.',
      }),
    ];
  }
  if (typeof base === "string" && base !== "host") return checkArchive(base, undefined, run.workingDirectory, ["base"]);
  if (typeof base !== "object") return [];
  if ("archive" in base) return checkArchive(base.archive, base.checksum, run.workingDirectory, ["base", "archive"]);
  if ("host_files" in base) return checkHostFiles(base.host_files, run.environment.PATH ?? "");
  if ("debootstrap" in base) return checkDebootstrap(run.environment.PATH ?? "");
  return [];
}

async function checkArchive(
  location: string,
  checksum: string | undefined,
  folder: string,
  path: readonly PathSegment[],
): Promise<Diagnostic[]> {
  if (checksum !== undefined && checksum !== "") {
    try {
      parseChecksum(checksum);
    } catch (error) {
      if (!TspackError.is(error)) throw error;
      return [
        problem("TPK3105", "Invalid argument value", `The checksum is not acceptable: ${error.message}.`, ["base", "checksum"], error),
      ];
    }
  }
  if (/^https?:\/\//i.test(location)) {
    if (checksum !== undefined && checksum !== "") return [];
    return [
      problem("TPK3104", "Missing required argument", "A base that is downloaded needs a checksum, and none was given.", path, {
        hint: 'Write base: { archive: "https://…", checksum: "sha256:…" }; checksum "none" turns the check off.',
      }),
    ];
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location) && !/^file:/i.test(location)) {
    return [
      problem(
        "TPK3105",
        "Invalid argument value",
        `The base ${JSON.stringify(location)} is of a kind that cannot be fetched; use http or https.`,
        path,
      ),
    ];
  }
  if (await exists(resolve(folder, location.replace(/^file:\/\//i, "")))) return [];
  return [
    problem("TPK3107", "File not found", `The base ${JSON.stringify(location)} does not exist.`, path, {
      hint: 'A base is "scratch", "host", the path of a folder or archive, or an object with one of host_files, archive, debootstrap, host.',
    }),
  ];
}

async function checkHostFiles(files: readonly string[], searchPath: string): Promise<Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const [index, file] of files.entries()) {
    const found = file.startsWith("/") ? await exists(file) : (await findProgram(file, searchPath)) !== undefined;
    if (found) continue;
    const where = file.startsWith("/") ? "does not exist on this machine" : "is not a program on the PATH";
    diagnostics.push(problem("TPK3107", "File not found", `${JSON.stringify(file)} ${where}.`, ["base", "host_files", index]));
  }
  return diagnostics;
}

async function checkDebootstrap(searchPath: string): Promise<Diagnostic[]> {
  for (const program of ["mmdebstrap", "debootstrap"]) if ((await findProgram(program, searchPath)) !== undefined) return [];
  return [
    problem(
      "TPK6008",
      "Program not installed",
      "The base debootstrap needs mmdebstrap or debootstrap, and neither is installed.",
      ["base", "debootstrap"],
      {
        hint: "Install the package mmdebstrap, or use a root file system archive as base.",
      },
    ),
  ];
}

async function checkFiles({ config, run }: Check<RootfsOptions>): Promise<Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const [destination, file] of Object.entries(config.files)) {
    const path = ["files", destination];
    if (!destination.startsWith("/")) {
      diagnostics.push(
        problem(
          "TPK3105",
          "Invalid argument value",
          `The destination ${JSON.stringify(destination)} has to start with a slash: it is a path in the image.`,
          path,
        ),
      );
    }
    const source = typeof file === "string" ? file : "source" in file ? file.source : undefined;
    if (source === undefined || (await exists(resolve(run.workingDirectory, source)))) continue;
    diagnostics.push(problem("TPK3107", "File not found", `${JSON.stringify(source)}, to be put at ${destination}, does not exist.`, path));
  }
  return diagnostics;
}

/** Options of `output` that mean something for one kind of format alone. */
const onlyFor: { readonly [option in keyof OutputOption]?: readonly string[] } = {
  entrypoint: ["oci-archive"],
  cmd: ["oci-archive"],
  env: ["oci-archive"],
  labels: ["oci-archive"],
  annotations: ["oci-archive"],
  workdir: ["oci-archive"],
  user: ["oci-archive"],
  exposed_ports: ["oci-archive"],
  volumes: ["oci-archive"],
  stop_signal: ["oci-archive"],
  tags: ["oci-archive"],
  architecture: ["oci-archive"],
  size: ["ext4"],
  label: ["ext4"],
  compression_level: ["oci-archive", "tar.gz", "tar.zst"],
};

async function checkOutputs({ config, packer, run }: Check<RootfsOptions>): Promise<Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  const seen = new Map<string, number>();
  for (const [index, output] of config.output.entries()) {
    const at = (option: string): PathSegment[] => ["output", index, option];
    for (const [option, formats] of Object.entries(onlyFor)) {
      if (output[option as keyof OutputOption] === undefined || formats.includes(output.format)) continue;
      const detail = `${option} means nothing for the format ${JSON.stringify(output.format)}; it belongs to ${formats.join(", ")}.`;
      diagnostics.push(problem("TPK3106", "Contradicting arguments", detail, at(option)));
    }
    if (output.layer_only && (output.format === "ext4" || output.format === "directory")) {
      const detail = `layer_only means nothing for the format ${JSON.stringify(output.format)}, which cannot say that a file was removed.`;
      diagnostics.push(problem("TPK3106", "Contradicting arguments", detail, at("layer_only")));
    }
    diagnostics.push(...checkValues(output, at));
    const path = resolve(run.workingDirectory, output.path);
    const holds = [run.workingDirectory, ...baseFolder(config.base, run.workingDirectory)].find((folder) => isWithin(folder, path));
    if (holds !== undefined) {
      // With -force it would be removed first.
      const detail = `The output ${JSON.stringify(output.path)} would replace a folder that the build itself uses (${holds}).`;
      diagnostics.push(problem("TPK3105", "Invalid argument value", detail, at("path"), { hint: "Give the output a name of its own." }));
      continue;
    }
    const other = seen.get(path);
    if (other !== undefined) {
      diagnostics.push(
        problem("TPK3106", "Contradicting arguments", `Output ${index + 1} has the same path as output ${other + 1}.`, at("path")),
      );
    }
    seen.set(path, index);
    if (!packer.packer_force && (await exists(path))) {
      diagnostics.push(
        problem("TPK6007", "Output exists", `The output ${JSON.stringify(output.path)} exists already.`, at("path"), {
          hint: "Remove it, choose another path, or run with -force.",
        }),
      );
    }
  }
  return diagnostics;
}

/** The base, when it is a folder or file here. */
function baseFolder(base: Base, folder: string): string[] {
  const location = typeof base === "string" ? base : "archive" in base ? base.archive : "scratch";
  return location === "scratch" || location === "host" || /^https?:/i.test(location) ? [] : [resolve(folder, location)];
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || !(way.startsWith("..") || isAbsolute(way));
}

function checkValues(output: OutputOption, at: (option: string) => PathSegment[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  if (output.size !== undefined && output.format === "ext4" && parseSize(output.size) === undefined) {
    diagnostics.push(
      problem(
        "TPK3105",
        "Invalid argument value",
        `${JSON.stringify(output.size)} is not a size; write it like "512M" or "2G", at least 8M.`,
        at("size"),
      ),
    );
  }
  const level = output.compression_level;
  if (level !== undefined && (output.format === "tar.zst" ? level < 1 || level > 19 : level > 9)) {
    const range = output.format === "tar.zst" ? "1 to 19" : "0 to 9";
    diagnostics.push(
      problem("TPK3105", "Invalid argument value", `The compression level of ${output.format} is ${range}.`, at("compression_level")),
    );
  }
  for (const port of output.exposed_ports ?? []) {
    if (/^\d{1,5}(\/(tcp|udp|sctp))?$/.test(port)) continue;
    diagnostics.push(
      problem(
        "TPK3105",
        "Invalid argument value",
        `${JSON.stringify(port)} is not a port; write it like "8080" or "53/udp".`,
        at("exposed_ports"),
      ),
    );
  }
  return diagnostics;
}

function problem(
  code: Diagnostic["code"],
  summary: string,
  detail: string,
  path: readonly PathSegment[],
  { hint }: { readonly hint?: string | undefined } = {},
): Diagnostic {
  return { severity: "error", code, summary, detail, hint, path };
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
