import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TemplateContext, TemplateError } from "../../src/template/context.ts";
import { checkTemplate, renderRepeatedly, renderTemplate } from "../../src/template/render.ts";

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 7);
const base: TemplateContext = { phase: "run", workingDirectory: "/project", startedAtMs: at, data: {} };

function render(text: string, changes: Partial<TemplateContext> = {}): string {
  return renderTemplate(text, { ...base, ...changes });
}

function problem(text: string, changes: Partial<TemplateContext> = {}): TemplateError {
  try {
    const rendered = render(text, changes);
    throw new Error(`it was rendered to ${rendered}`);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
}

test("time calls use the start of the run, in UTC", () => {
  assert.is(render("{{timestamp}}"), "1767323045");
  assert.is(render("{{isotime}}"), "2026-01-02T03:04:05Z");
  assert.is(render('{{isotime "20060102-150405"}}'), "20260102-030405");
  assert.is(
    render("{{strftime `%Y-%m-%d %H:%M:%S%L %a %A %b %B %y %I %p %z %Z`}}"),
    "2026-01-02 03:04:05.007 Fri Friday Jan January 26 03 AM +0000 UTC",
  );
});

test("strftime leaves what it does not know, as Packer does", () => {
  assert.is(render("{{strftime `100%% %j %Q %é %`}}"), "100% %j %Q %é %");
});

test("every uuid is new, has the form of one, and starts with the time", () => {
  const [one = "", two = ""] = render("{{uuid}} {{uuid}}").split(" ");
  assert.match(one, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  assert.is.not(one, two);
  const seconds = Number.parseInt(one.slice(0, 8), 16);
  assert.ok(Math.abs(seconds - Date.now() / 1000) < 60);
});

test("text calls", () => {
  assert.is(render("{{upper `aé ß`}} {{lower `AÉ`}}"), "AÉ ß aé");
  assert.is(render("{{split `foo-bar-baz` `-` 1}}"), "bar");
  assert.is(render("{{split `abc` `` 1}}"), "b");
  assert.is(render("{{replace `a` `b` 2 `aaaa`}} {{replace `a` `b` -1 `aaaa`}} {{replace_all `a` `b` `aaaa`}}"), "bbaa bbbb bbbb");
  assert.is(render("{{replace `` `-` 2 `abc`}} {{replace_all `` `-` `abc`}} {{replace `a` `b` 0 `aaa`}}"), "-a-bc -a-b-c- aaa");
  assert.is(render("{{`a-b` | replace_all `-` `_` | upper}}"), "A_B");
});

test("calls about the build and the run", () => {
  const known = { buildName: "debian", buildType: "qemu", coreVersion: "1.2.3", templatePath: "sub/template.json" };
  assert.is(
    render("{{build_name}} {{build_type}} {{packer_version}} {{pwd}} {{template_dir}}", known),
    "debian qemu 1.2.3 /project /project/sub",
  );
  assert.is(render("{{user `a`}}{{user `none`}}", { userVariables: { a: "A" } }), "A");
  assert.is(render("{{env `X`}}{{env `NONE`}}", { environment: { X: "x" } }), "x");
});

test("build and fields read the data of the running build", () => {
  const data = { ID: "i-1", Port: 22, Agent: false };
  assert.is(render("{{build `ID`}} {{build `Port`}} {{.Port}} {{.Agent}} {{.Missing}}", { data }), "i-1 22 22 false <no value>");
  const error = problem("x {{build `Id`}}", { data });
  assert.match(error.message, /^build: the build has no value named "Id", at 1:5$/);
  assert.is(error.hint, 'Did you mean "ID"?');
});

test("while preparing, a text that waits for the build stays as it is", () => {
  const prepare = { phase: "prepare", data: undefined } as const;
  for (const text of [
    "{{.Host}}",
    "{{build `ID`}}-{{timestamp}}",
    "{{upper .Name}}",
    "{{if .Host}}a{{end}}",
    "{{$x := build `ID`}}{{$x}}{{upper $x}}",
    "{{$x := 1}}{{if .A}}{{$x = `a`}}{{end}}{{upper $x}}",
    "{{.}}",
    "{{with $.A}}{{.}}{{end}}",
  ]) {
    assert.is(render(text, prepare), text);
  }
  assert.is(render("{{timestamp}}", prepare), "1767323045");
  assert.is(render("{{with `a`}}{{.}}{{end}}{{range $x := 2}}{{$x}}{{end}}", prepare), "a01");
});

test("while preparing, mistakes beside late values are found", () => {
  const prepare = { phase: "prepare", data: undefined } as const;
  assert.match(problem("{{.Host}} {{split `a` `-` 3}}", prepare).message, /^split: there is no part 3, .* at 1:13$/);
  assert.match(problem("{{.Host}} {{timestmp}}", prepare).message, /^there is no call named "timestmp" at 1:13$/);
});

test("an unknown call is refused with a suggestion and its place", () => {
  const error = problem("one\n two {{ timestmp }}");
  assert.is(error.message, 'there is no call named "timestmp" at 2:9');
  assert.is(error.hint, 'Did you mean "timestamp"?');
});

test("calls that do not exist here say what to use instead", () => {
  assert.match(problem("{{sed `s/a/b/` `a`}}").hint ?? "", /replace or replace_all/);
  assert.match(problem("{{user `name`}}").message, /^user: variables of JSON templates do not exist here, at 1:3$/);
  assert.match(problem("{{user `name`}}").hint ?? "", /\$\{name\}/);
  assert.match(problem("{{env `HOME`}}").message, /^env: environment variables are not allowed here/);
  assert.match(problem("{{template_dir}}").hint ?? "", /path\.root/);
  assert.match(problem("{{vault `a` `b`}}").message, /^vault: .*variables section/);
});

test("wrong arguments are refused with the call's name", () => {
  assert.is(problem("{{upper 3}}").message, "upper: expected text, not a value of type int, at 1:3");
  assert.is(problem("{{split `a` `b`}}").message, "split takes 3 arguments, not 2, at 1:3");
  assert.is(problem("{{upper .Missing}}").message, "upper: expected text, not no value, at 1:3");
});

test("what a template makes is not rendered again, unless that is asked for", () => {
  assert.is(render("{{`{{timestamp}}`}}"), "{{timestamp}}");
  assert.is(renderRepeatedly("{{`{{timestamp}}`}}", base), "1767323045");
  assert.is(
    renderRepeatedly("{{user `command`}}", { ...base, userVariables: { command: "sh {{.Path}}" }, data: { Path: "/tmp/x" } }),
    "sh /tmp/x",
  );
  const endless = { ...base, userVariables: { x: "x{{user `x`}}" } };
  assert.throws(() => renderRepeatedly("{{user `x`}}", endless), /still changes after 100/);
});

test("braces in values of the build are text", () => {
  assert.is(renderRepeatedly("{{.Password}} {{build `Password`}}", { ...base, data: { Password: "a{{b}}{{" } }), "a{{b}}{{ a{{b}}{{");
});

test("the syntax of a text that is rendered later can be checked alone", () => {
  checkTemplate("{{.Vars}} {{build `x`}}", base);
  assert.throws(() => checkTemplate("{{.Vars", base), /the action is not closed/);
});

test("data is not reached through inherited properties", () => {
  assert.is(render("{{.constructor}} {{.toString}}", { data: {} }), "<no value> <no value>");
});

test("long and deep texts neither take long nor exhaust the stack", () => {
  const many = "{{$x := 1}}{{if $x}}a{{else}}b{{end}} {{`x` | upper}}".repeat(20_000);
  const started = process.hrtime.bigint();
  assert.is(render(many).length, 3 * 20_000);
  // A quadratic reader takes minutes for a megabyte; the limit only tells the two apart.
  assert.ok(process.hrtime.bigint() - started < 20_000_000_000n);
  assert.match(problem(`{{${"(".repeat(100_000)}1}}`).message, /more than 300 levels/);
  assert.match(problem("{{if 1}}".repeat(100_000)).message, /more than 300 levels/);
  assert.match(problem(`{{"${"\\n".repeat(1_000_000)}`).message, /not closed/);
});

test.run();
