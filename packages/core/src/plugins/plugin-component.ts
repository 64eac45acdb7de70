import type { WireForm } from "../protocol/spec/codec.ts";
import type { ComponentKind } from "../sdk/component.ts";

/** One component of a plugin, and how it is started. */
export interface PluginComponent {
  readonly kind: ComponentKind;
  /** As the user names it. */
  readonly type: string;
  /** For messages: `the plugin packer-plugin-amazon_v1.2.3_x5.0_linux_amd64`. */
  readonly title: string;
  /** The whole command line. */
  readonly argv: readonly [string, ...string[]];
  /** In which form it tells specifications. */
  readonly form: WireForm;
  /** SHA-256 of its file, where that was verified. */
  readonly digest?: string | undefined;
}

/** For messages: `the plugin packer-plugin-amazon_… (builder "amazon-ebs")`. */
export function titleOf({ title, kind, type }: PluginComponent): string {
  return `${title} (${kind === "datasource" ? "data source" : kind} ${JSON.stringify(type)})`;
}
