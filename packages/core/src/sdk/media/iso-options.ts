import { extname } from "node:path";
import * as z from "zod";
import { textList } from "../config/options.ts";

/** The options of an installation image (rows ISO-01 to ISO-05). A builder spreads its `shape` and calls `checkIso`. */
export function isoOptions() {
  return z.object({
    iso_url: z
      .string()
      .default("")
      .describe(
        "Where the image is: a path, an http, https or file URL, or an object or file of S3, Google Cloud Storage, Git or Mercurial. A packed one (`.xz`, `.gz`, `.zip` …) is unpacked. Required, unless `iso_urls` is given.",
      ),
    iso_urls: textList().default([]).describe("Several places of the same image, tried in order. In place of `iso_url`."),
    iso_checksum: z
      .string()
      .default("")
      .describe(
        "What the image has to match: `sha256:HEX` (or md5, sha1, sha224, sha384, sha512), the digits alone, `file:LOCATION` of a list of checksums, or `none`. Required.",
      ),
    iso_target_path: z
      .string()
      .default("")
      .describe("Where to download to: a file when the path has an extension, else a folder. The cache folder unless given."),
    iso_target_extension: z.string().default("iso").describe("Extension of the downloaded file's name."),
  });
}

/**
 * The option for further installation images, such as drivers: blocks with the options of `isoOptions`, named as in Packer's builder for Proxmox.
 * A builder spreads it, calls `checkAdditionalIsos` and takes `additionalIsosStep`.
 */
export function additionalIsoOptions() {
  return {
    additional_iso_files: z
      .array(isoOptions())
      .default([])
      .describe("Further installation images, such as one with drivers: each is downloaded, verified and attached as a CD. Not in Packer."),
  };
}

/** The parsed options; those that were not given are empty. */
export type IsoConfig = z.output<ReturnType<typeof isoOptions>>;

/** The places of the image, in the order to try. */
export function isoLocations(config: Pick<IsoConfig, "iso_url" | "iso_urls">): readonly string[] {
  return config.iso_url === "" ? config.iso_urls : [config.iso_url, ...config.iso_urls];
}

/** The file that a download goes to, where the options name one: else it goes into a folder, under a name of its own. */
export function isoTargetFile({ iso_target_path: target }: Pick<IsoConfig, "iso_target_path">): string | undefined {
  return !target.endsWith("/") && extname(target) !== "" ? target : undefined;
}
