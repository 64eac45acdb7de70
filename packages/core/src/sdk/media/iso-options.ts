import * as z from "zod";
import { textList } from "../config/options.ts";

/** The options of an installation image (rows ISO-01 to ISO-05). A builder spreads its `shape` and calls `checkIso`. */
export function isoOptions() {
  return z.object({
    iso_url: z
      .string()
      .default("")
      .describe("Where the image is: an http, https or file URL, or a path. Required, unless `iso_urls` is given."),
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

/** The parsed options; those that were not given are empty. */
export type IsoConfig = z.output<ReturnType<typeof isoOptions>>;

/** The places of the image, in the order to try. */
export function isoLocations(config: Pick<IsoConfig, "iso_url" | "iso_urls">): readonly string[] {
  return config.iso_url === "" ? config.iso_urls : [config.iso_url, ...config.iso_urls];
}
