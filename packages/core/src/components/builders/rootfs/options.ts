import * as z from "zod";
import { suggest } from "../../../diagnostics/suggest.ts";

/** What `base` may be. Written as a union so that editors complete it; what is wrong with a value is said by `baseProblem`. */
export function baseSchema() {
  const text = z.string();
  return z.union(
    [
      z.literal("scratch").describe("Nothing."),
      z.literal("host").describe("The running system; outputs hold only what changed."),
      text.describe("A folder with a root file system, or an archive of one: tar, plain or compressed, or an OCI archive."),
      z
        .strictObject({
          host_files: z
            .array(text)
            .min(1)
            .describe(
              "Programs by name or path, files and folders of this machine; programs bring the libraries, loader and interpreter they need.",
            ),
        })
        .describe("Programs of this machine with all they need to run."),
      z
        .strictObject({
          host: z.enum(["changes", "whole"]).describe("Whether outputs hold what changed, or the whole running system with its secrets."),
        })
        .describe("The running system."),
      z
        .strictObject({
          archive: text.describe("Path or http(s) URL of a root file system archive or OCI archive."),
          checksum: text
            .optional()
            .describe('Checksum of the archive, such as "sha256:…"; required for a URL, where "none" turns the check off.'),
        })
        .describe("A root file system archive, checked."),
      z
        .strictObject({
          debootstrap: z.strictObject({
            suite: text.describe('Debian or Ubuntu release, such as "bookworm".'),
            mirror: text.optional().describe("URL of the package mirror; the program's own default unless given."),
            include: z.array(text).optional().describe("Packages to install beside the minimal set."),
            components: z.array(text).optional().describe('Archive components, such as "main"; the program\'s own default unless given.'),
            variant: z.string().default("minbase").describe("Set of packages to start from."),
          }),
        })
        .describe("A fresh Debian or Ubuntu, made by mmdebstrap or debootstrap, whichever is installed."),
    ],
    { error: (issue) => baseProblem(issue.input) },
  );
}

export type Base = z.output<ReturnType<typeof baseSchema>>;

const baseForms = ["scratch", "host", "host_files", "archive", "debootstrap"];

/** Says what is wrong with a `base` that has none of the known forms. */
function baseProblem(value: unknown): string {
  const forms = 'use "scratch", "host", the path of a folder or archive, or an object with one of host_files, archive, debootstrap, host';
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `it has none of the known forms; ${forms}`;
  const keys = Object.keys(value);
  const known = keys.find((key) => baseForms.includes(key));
  if (known === undefined)
    return keys.length === 0
      ? `the object is empty; ${forms}`
      : `${keys.map((key) => JSON.stringify(key)).join(", ")} is not known here; ${suggestion(keys)}${forms}`;
  const rules: { readonly [key: string]: string } = {
    host_files: "host_files is a list of program names and paths, with at least one, and stands alone",
    host: 'host is "changes" or "whole", and stands alone',
    archive: "archive is a path or URL, and only checksum may stand beside it",
    debootstrap: "debootstrap is an object with suite, and optionally mirror, include, components and variant",
  };
  return rules[known] ?? forms;
}

function suggestion(keys: readonly string[]): string {
  const meant = keys.map((key) => suggest(key, baseForms)).find((text) => text !== undefined);
  return meant === undefined ? "" : `did you mean ${JSON.stringify(meant)}? Else `;
}

/** What the values of `files` may be. */
export function fileSchema() {
  const mode = z
    .union([z.string().regex(/^0?[0-7]{3,4}$/), z.number().int().min(0).max(0o7777)])
    .describe('Permissions, as text in octal: "0755".');
  const owner = z
    .string()
    .regex(/^\d+(:\d+)?$/)
    .describe('Numeric owner and group, such as "1000:1000"; root unless given.');
  return z.union(
    [
      z.string().describe("Path of a file or folder on this machine; a folder's contents become the destination's."),
      z
        .strictObject({
          source: z.string().describe("Path of a file or folder on this machine."),
          mode: mode.optional(),
          owner: owner.optional(),
        })
        .describe("A file or folder with owner or permissions of its own."),
      z
        .strictObject({ content: z.string().describe("The file's text."), mode: mode.optional(), owner: owner.optional() })
        .describe("A file made from text."),
      z.strictObject({ symlink: z.string().describe("What the link points to, as seen in the image.") }).describe("A symbolic link."),
      z
        .strictObject({ directory: z.literal(true).describe("Always true."), mode: mode.optional(), owner: owner.optional() })
        .describe("An empty folder."),
    ],
    {
      error: () =>
        'give a path on this machine, or an object with one of source, content, symlink or directory: true, and optionally mode ("0755") and owner ("1000:1000")',
    },
  );
}

export type FileOption = z.output<ReturnType<typeof fileSchema>>;

/** The formats of `output`. */
export const outputFormats = ["oci-archive", "tar", "tar.gz", "tar.zst", "ext4", "directory"] as const;

/** One `output` block. */
export function outputSchema() {
  const text = z.string();
  return z.object({
    format: z.enum(outputFormats).describe("What to write."),
    path: text.min(1).describe("Where to write it."),
    layer_only: z
      .boolean()
      .default(false)
      .describe("Write only what differs from the base, as an image layer with whiteouts; for oci-archive and tar formats."),
    compression_level: z
      .number()
      .int()
      .min(0)
      .max(22)
      .optional()
      .describe("0 to 9 for gzip (and oci-archive), 1 to 19 for zstd; the format's default unless given."),
    entrypoint: z.array(text).optional().describe("oci-archive: the command that containers run."),
    cmd: z.array(text).optional().describe("oci-archive: default arguments of the entrypoint, or the command when there is none."),
    env: z.record(text, text).optional().describe("oci-archive: environment of the container; PATH has the usual value unless given."),
    labels: z.record(text, text).optional().describe("oci-archive: labels of the image."),
    annotations: z.record(text, text).optional().describe("oci-archive: annotations of the image's manifest."),
    workdir: text.optional().describe("oci-archive: working folder of the container."),
    user: text.optional().describe("oci-archive: user, and optionally group, that the command runs as."),
    exposed_ports: z.array(text).optional().describe('oci-archive: ports the container listens on, such as "8080" or "53/udp".'),
    volumes: z.array(text).optional().describe("oci-archive: folders that hold data of the container's own."),
    stop_signal: text.optional().describe("oci-archive: signal that stops the container."),
    tags: z.array(text).optional().describe('oci-archive: names of the image, such as "web:1.0".'),
    architecture: text.optional().describe("oci-archive: architecture in Go's words; this machine's unless given."),
    size: text.optional().describe('ext4: size of the image, such as "512M" or "2G"; chosen to fit unless given.'),
    label: text.max(16).optional().describe("ext4: volume label, at most 16 characters."),
  });
}

export type OutputOption = z.output<ReturnType<typeof outputSchema>>;

/** Every option of the builder. */
export function rootfsOptions() {
  return z.object({
    base: baseSchema().describe("What the root file system starts from."),
    files: z
      .record(z.string(), fileSchema())
      .default({})
      .describe("Files to put in before provisioning, by their absolute path in the image. Nothing is executed for them."),
    keep_ownership: z
      .boolean()
      .default(false)
      .describe("Take over who owns the files of a folder used as base; else everything in it belongs to root."),
    environment: z.record(z.string(), z.string()).default({}).describe("Environment of commands that provisioners run."),
    output: z.array(outputSchema()).min(1).describe("What to write; several at once are fine."),
  });
}

export type RootfsOptions = z.output<ReturnType<typeof rootfsOptions>>;
