// Packer's Ui has no call that names a secret, so those that a component comes to know are hidden before they leave the plugin (row SEC-03).
import { Redactor } from "../../events/redact.ts";
import type { Ui } from "../ui.ts";

/** A Ui that hides what `secret` was told, and all else that is in `secrets`, in everything that goes through it from then on. */
export function hidingUi(ui: Ui, secrets = new Redactor()): Ui {
  return {
    say: (text) => ui.say(secrets.text(text)),
    error: (text) => ui.error(secrets.text(text)),
    output: (stream, text) => ui.output(stream, secrets.text(text)),
    machine: (type, ...data) => ui.machine(type, ...data.map((text) => secrets.text(text))),
    log: (level, text) => ui.log(level, secrets.text(text)),
    ask: (question, options) => ui.ask(secrets.text(question), options),
    secret: (text) => {
      secrets.add(text);
      ui.secret(text);
    },
    progress: (label, totalBytes) => ui.progress(secrets.text(label), totalBytes),
  };
}
