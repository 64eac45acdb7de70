/** What to say about Packer's commands that are not here: what does their work, or that they come later. */
const packerCommands: { readonly [name: string]: string } = {
  init: "Nothing has to be installed before a run: components are built in, and packages that image.ts imports come with `npm install`.",
  plugins: "This version has built-in components alone; external plugins come later.",
};

/** A sentence or two about a command of Packer's that tspack does not have. */
export function aboutPackerCommand(name: string): string | undefined {
  return Object.hasOwn(packerCommands, name) ? `${packerCommands[name]} See docs/parity.md.` : undefined;
}
