/** What to say about Packer's commands that are not here: what does their work, or that they come later. */
const packerCommands: { readonly [name: string]: string } = {
  "verify-attestation": "This version makes and checks no attestations: `packer verify-attestation` does.",
};

/** A sentence or two about a command of Packer's that tspack does not have. */
export function aboutPackerCommand(name: string): string | undefined {
  return Object.hasOwn(packerCommands, name) ? `${packerCommands[name]} See docs/parity.md.` : undefined;
}
