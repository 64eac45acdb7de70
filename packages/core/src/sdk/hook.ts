import type { Communicator } from "./communicator.ts";
import type { Ui } from "./ui.ts";

/** Fired by core before a builder runs. Ours: never sent over a plugin's wire. */
export const HOOK_PRE_BUILD = "packer_pre_build";
/** Fired by a builder when its machine is ready: runs the provisioners. */
export const HOOK_PROVISION = "packer_provision";
/** Fired by a builder when anything failed once provisioning had begun: runs the error-cleanup provisioner (row LIF-04). */
export const HOOK_CLEANUP_PROVISION = "packer_cleanup_provision";
/** Fired by core after a builder made its artifact, before post-processors. Ours. */
export const HOOK_POST_BUILD = "packer_post_build";

/** Values a builder announces to provisioners and templates (rows GEN): `Host`, `ID`, `SSHPrivateKey`, … */
export type GeneratedData = { readonly [name: string]: unknown };

/** What a builder hands over when it fires a hook. */
export interface HookContext {
  readonly ui: Ui;
  /** Absent when the builder has no way into its machine (row CON-16). */
  readonly communicator?: Communicator | undefined;
  readonly data: GeneratedData;
  readonly signal: AbortSignal;
}

/**
 * Calls back into core at points of a build's life. Contract: one call at a time; resolves when everything attached to the
 * hook has run, rejects with the first failure; a name nobody listens to resolves at once.
 */
export interface Hook {
  run(name: string, context: HookContext): Promise<void>;
}
