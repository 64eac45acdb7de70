/** What to say about Packer's commands that are not here: what does their work, or that they come later. */
const packerCommands: { readonly [name: string]: string } = {
  init: "This version uses the plugins that are installed, and installs none: `packer init` does that, and both tools share the folder.",
};

/** A sentence or two about a command of Packer's that tspack does not have. */
export function aboutPackerCommand(name: string): string | undefined {
  return Object.hasOwn(packerCommands, name) ? `${packerCommands[name]} See docs/parity.md.` : undefined;
}
