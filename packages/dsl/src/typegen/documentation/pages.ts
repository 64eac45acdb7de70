// Finds the page of a component in a plugin's documentation: the archive `docs.zip` of a release (`docs/builders/ebs.mdx`), or the source
// of the plugin (`.web-docs/components/builder/ebs/README.md`, or pages that include partials).
import type { ComponentKind } from "@tspack/core";

/** Files of documentation by their paths in the archive. */
export type DocumentationFiles = ReadonlyMap<string, string>;

/** A component as its page may call it. */
export interface PageOwner {
  readonly kind: ComponentKind;
  readonly type: string;
  /** Its name inside its plugin; undefined when it is called like the plugin. */
  readonly inside: string | undefined;
}

/** Includes in includes, and the text that may come of all of them. */
const DEEPEST = 5;
const LONGEST = 2 * 1024 * 1024;

/** The text of a component's page with its partials; undefined when there is none. */
export function findPage(files: DocumentationFiles, owner: PageOwner): string | undefined {
  const candidates = [...files.keys()].filter((path) => isPageOf(path, owner));
  // The finished page before the one that has to be put together.
  const path = candidates.find((one) => one.includes(".web-docs/")) ?? candidates[0];
  const text = path === undefined ? undefined : files.get(path);
  return path === undefined || text === undefined ? undefined : withPartials(files, rootOf(path), text, DEEPEST).slice(0, LONGEST);
}

// --- internal ---

/** As folders are called in documentation. */
const folders: { readonly [kind in ComponentKind]: RegExp } = {
  builder: /^builders?$/,
  provisioner: /^provisioners?$/,
  "post-processor": /^post-processors?$/,
  datasource: /^data-?sources?$/,
};

function isPageOf(path: string, { kind, type, inside }: PageOwner): boolean {
  const parts = path.split("/");
  if (parts.includes("docs-partials")) return false;
  const folder = parts.findLastIndex((part) => folders[kind].test(part));
  const [name = "", ...rest] = parts.slice(folder + 1);
  if (folder === -1 || rest.length > 1) return false;
  const isPage = rest.length === 0 ? /\.mdx?$/.test(name) : /^(README|index)\.mdx?$/i.test(rest[0] ?? "");
  const stem = name.replace(/\.mdx?$/, "");
  return isPage && (stem === type || stem === inside);
}

/** What stands before `docs/` or `.web-docs/`. */
function rootOf(path: string): string {
  return path.slice(0, Math.max(0, path.search(/(?:^|(?<=\/))(?:\.web-docs|docs)\//)));
}

/** `@include 'builder/docker/Config-required.mdx'`: a partial, as `packer-sdc renderdocs` puts it in. */
function withPartials(files: DocumentationFiles, root: string, text: string, depth: number): string {
  let length = text.length;
  return text.replace(/^[ \t]*@include\s+['"]([^'"\n]{1,300})['"][ \t]*$/gm, (_line, name: string) => {
    const partial = files.get(`${root}docs-partials/${name}`);
    if (partial === undefined || depth === 0 || length > LONGEST) return "";
    length += partial.length;
    return withPartials(files, root, partial, depth - 1);
  });
}
