// A plugin in TypeScript, for tspack and Packer, and a program to try it with.
// Run it: npm run dev
import { build, provision, source } from "tspack";

const note = source("acme", "note", { target: "output/note.txt", text: "written by acme" });

export default build({
  sources: [note],
  provisioners: [provision("acme-stamp", { label: "checked" })],
});
