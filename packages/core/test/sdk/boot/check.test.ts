import { rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { checkBootCommand } from "../../../src/sdk/boot/check.ts";
import { type BootCommandConfig, bootCommandOptions, bootStepsOptions, bootTiming, vncBootOptions } from "../../../src/sdk/boot/options.ts";
import { renderBootCommand } from "../../../src/sdk/boot/render.ts";
import type { TemplateContext } from "../../../src/template/context.ts";

const template: TemplateContext = { phase: "prepare", workingDirectory: "/", startedAtMs: 0 };

function check(config: BootCommandConfig, unknown: string[] = []): string[] {
  const isUnknown = (option: string): boolean => unknown.includes(option);
  return checkBootCommand(config, { template, isUnknown, extensions: true, usKeyboard: true, fields: ["HTTPIP", "HTTPPort", "Name"] }).map(
    ({ severity, code, path, detail, hint }) => `${severity} ${code} ${path?.join(".")}: ${detail}${hint === undefined ? "" : ` ${hint}`}`,
  );
}

const fine: readonly BootCommandConfig[] = [
  {},
  { boot_command: [], disable_vnc: true },
  { boot_command: ["<en", "ter> url=http://{{ .HTTPIP }}:{{ .HTTPPort }}/", "<wait{{ .Name }}>", "{{if .Name", "}}x{{end}}"] },
  { boot_command: ['<waitText "{{ .Name }} {{printf "\\"login:"}}" {{ .HTTPIP }}>'] },
  { boot_steps: [["a<enter>", "first {{ is not looked at"], ["<wait5>"]] },
];

test("boot commands that can be typed pass", () => {
  for (const config of fine) assert.equal(check(config), [], JSON.stringify(config));
});

test("a mistake is shown with its option, its place and what to write", () => {
  assert.equal(check({ boot_command: ["<esc><wait>", "linux<wait0s> {{ .HTTPIP }}<wait-1s>"] }), [
    'error TPK3105 boot_command.1: In "boot_command[1]", at character 6 ("<wait0s>"): a wait has to be longer than zero. Leave it out, or write <wait> for one second.',
    'error TPK3105 boot_command.1: In "boot_command[1]", at character 28 ("<wait-1s>"): a wait has to be longer than zero. Leave it out, or write <wait> for one second.',
  ]);
  assert.equal(check({ boot_command: ['<waitText "a" ', "soon>"] }), [
    'error TPK3105 boot_command.0: In "boot_command[0]", at character 1 ("<waitText \\"a\\" "): "soon" is not a duration. Write it like <waitText "login:" 2m>; the limit may be left out.',
  ]);
  const [last = ""] = check({ boot_command: ["a\n", "first\n😀 second<wait0s>\n"] }).filter((problem) => problem.startsWith("error"));
  assert.match(last, /In "boot_command\[1\]", at line 2, character 9 \("<wait0s>"\): a wait has to be longer than zero/);
  assert.equal(check({ boot_steps: [["a"], ["<wait0s>", "the end"]] }), [
    'error TPK3105 boot_steps.1.0: In "boot_steps[1][0]", at character 1 ("<wait0s>"): a wait has to be longer than zero. Leave it out, or write <wait> for one second.',
  ]);
});

test("what is typed in another way than it looks is warned of", () => {
  assert.equal(check({ boot_command: ["root<enterr>é\n"] }), [
    'warning TPK3110 boot_command.0: In "boot_command[0]", at character 5 ("<enterr>"): <enterr> is no key that is known, so it is typed as text. Did you mean <enter>?',
    'warning TPK3110 boot_command.0: In "boot_command[0]", at character 13 ("é"): "é" is on no key of a US keyboard, so it is left out.',
    'warning TPK3110 boot_command.0: In "boot_command[0]", at character 14 ("\\n"): "\\n" is on no key of a US keyboard, so it is left out. Write <enter> for the end of a line.',
  ]);
});

test("template strings that cannot be parsed are refused", () => {
  const [problem = ""] = check({ boot_command: ["<enter>", "a {{ .HTTPIP"] });
  assert.match(problem, /^error TPK3108 boot_command\.1: The argument "boot_command\[1\]" cannot be rendered: .* at 1:\d+\.$/);
  assert.equal(check({ boot_command: ["{{ .Name }}", "{{ .HttpIP | urlquery }}"] }), [
    'error TPK3108 boot_command.1: The argument "boot_command[1]" cannot be rendered: there is no value .HttpIP. Did you mean "HTTPIP"?',
  ]);
  assert.equal(check({ boot_command: ["{{ $.Name }}{{ .Name.x }}{{ range .Names }}{{ .X }}{{ end }}"] }), []);
});

test("options that contradict each other are refused", () => {
  assert.equal(check({ boot_command: ["a"], boot_steps: [["b"]] }), [
    "error TPK3106 boot_steps: Only one of boot_command and boot_steps may be given.",
  ]);
  assert.equal(check({ boot_command: ["a"], disable_vnc: true }), [
    "error TPK3106 disable_vnc: Nothing can be typed without VNC, but boot_command is given.",
  ]);
  assert.equal(check({ boot_steps: [["a"]], disable_vnc: true }), [
    "error TPK3106 disable_vnc: Nothing can be typed without VNC, but boot_steps is given.",
  ]);
  assert.equal(check({ boot_command: ["<wait0s>"] }, ["boot_command"]), []);
});

test("times come from the options, then PACKER_KEY_INTERVAL, then the way of typing", () => {
  const schema = z.object({ ...bootCommandOptions(), ...bootStepsOptions(), ...vncBootOptions() });
  const timing = (options: z.input<typeof schema>, interval?: string) => {
    const { bootWaitMs, keyIntervalMs, groupIntervalMs } = bootTiming(schema.parse(options), { PACKER_KEY_INTERVAL: interval });
    return [bootWaitMs, keyIntervalMs, groupIntervalMs];
  };
  assert.equal(timing({}), [10_000, undefined, undefined]);
  assert.equal(timing({ boot_wait: "0s" }), [10_000, undefined, undefined]);
  assert.equal(timing({ boot_wait: "-1s", boot_key_interval: "5ms", boot_keygroup_interval: "7ms" }, "20ms"), [0, 5, 7]);
  assert.equal(timing({ boot_wait: "3s", boot_key_interval: "0s" }, "20ms"), [3000, 20, 20]);
  assert.equal(timing({}, "soon"), [10_000, undefined, undefined]);
  assert.equal(timing({}, "-1s"), [10_000, 0, 0]);
});

test("a boot command is rendered with what the builder knows, as one text, and parsed", async () => {
  const data = { HTTPIP: "10.0.2.2", Name: "1s" };
  const actions = renderBootCommand(["{{ .HTTP", "IP }}<wait{{ .Name }}>"], { template, data });
  assert.is(actions.length, 9);
  assert.is(actions.at(-1)?.kind, "pause");
  const render = async (text: string) => renderBootCommand([text], { template, data: { Name: "0s" } });
  await rejects(render("a<wait{{ .Name }}>"), { code: "TPK3105", message: /wrong at character 2: a wait has to be longer than zero/ });
  await rejects(render("{{ .Nope }}"), { code: "TPK3108", message: /cannot be rendered: there is no value \.Nope$/ });
});

test.run();
