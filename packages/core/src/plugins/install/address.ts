// The address of a plugin, `github.com/hashicorp/amazon` (row PLG-01).
import { PluginError } from "../../diagnostics/error.ts";

/** An address, taken apart. */
export interface PluginAddress {
  /** As it is written, and as folders under the plugin folder are named. */
  readonly source: string;
  /** `github.com` */
  readonly host: string;
  /** `hashicorp`; with slashes where there is more than one part. */
  readonly owner: string;
  /** `amazon` */
  readonly name: string;
}

const MOST_PARTS = 16;
const nameOfPlugin = /^[0-9A-Za-z]+(-[0-9A-Za-z]+)*$/;

/** Reads an address. Throws `PluginError` (TPK4007) that says what is wrong with it. */
export function parsePluginAddress(source: string): PluginAddress {
  const parts = source.split("/");
  const [host = "", ...rest] = parts;
  const name = rest.pop() ?? "";
  const refuse = (
    why: string,
    hint = `It is written host, owner and name: ${likelyAddress(source) ?? "github.com/hashicorp/amazon"}.`,
  ): never => {
    throw new PluginError(`${JSON.stringify(source)} is no address of a plugin: ${why}`, { code: "TPK4007", hint });
  };
  const [, npmName] = /^npm:(.+)$/.exec(source) ?? [];
  if (npmName !== undefined) {
    refuse(
      "plugins of npm are not in required_plugins",
      `They are in package.json: \`npm install --save-dev ${npmName}\`, and no entry for it in required_plugins.`,
    );
  }
  if (source.includes("://")) refuse("it is a URL");
  if (/[?#\s\\]/.test(source)) refuse("it has a character that none has");
  if (parts.some((part) => part === "" || part === "." || part === "..")) refuse("it has an empty part, or one that is a path");
  if (parts.length < 3) refuse("it has fewer than three parts");
  if (parts.length > MOST_PARTS) refuse(`it has more than ${MOST_PARTS} parts`);
  if (name.startsWith("packer-")) refuse("its last part begins with packer-");
  if (!nameOfPlugin.test(name)) refuse("its last part is not made of letters, digits and single dashes");
  if (!rest.every((part) => /^[0-9A-Za-z._-]+$/.test(part)) || !/^[0-9A-Za-z.:-]+$/.test(host))
    refuse("a part has a character that none has");
  return { source, host, owner: rest.join("/"), name };
}

/** Addresses are the same whatever the case of their letters. */
export function isSameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

// --- internal ---

/** What somebody meant who has written the URL of a repository, or left out what seems to go without saying; undefined for all else. */
function likelyAddress(source: string): string | undefined {
  const path = source.replace(/^[a-z]+:\/\//i, "").replace(/(\.git)?\/*$/i, "");
  const parts = path.split("/");
  const name = (parts.pop() ?? "").replace(/^packer-(plugin-)?/, "");
  const [first] = parts;
  const before = first === undefined ? ["github.com", "hashicorp"] : first.includes(".") ? parts : ["github.com", ...parts];
  if (before.length < 2 || !before.every((part) => /^[0-9A-Za-z][0-9A-Za-z.-]*$/.test(part)) || !nameOfPlugin.test(name)) return undefined;
  return [...before, name].join("/");
}
