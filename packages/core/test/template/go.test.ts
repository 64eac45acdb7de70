// The language against Go itself: fixtures/template/go.json holds what Go 1.26's text/template makes of each text.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TemplateError } from "../../src/template/context.ts";
import { formatGoTime } from "../../src/template/go-time.ts";
import { renderTemplate } from "../../src/template/render.ts";

interface Fixture {
  readonly data: { readonly [name: string]: unknown };
  readonly cases: readonly { readonly template: string; readonly output?: string; readonly fails?: boolean }[];
  readonly time: number;
  readonly layouts: readonly { readonly layout: string; readonly output: string }[];
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/template/go.json", import.meta.url), "utf8")) as Fixture;
const data = { ...fixture.data, Bytes: Buffer.from("hi!") };

for (const { template, output, fails } of fixture.cases) {
  test(fails ? `refuses ${template}` : `renders ${template}`, () => {
    let text: string | undefined;
    let problem: TemplateError | undefined;
    try {
      text = renderTemplate(template, { phase: "run", data, workingDirectory: "/", startedAtMs: 0 });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problem = error;
    }
    if (fails) assert.match(problem?.message ?? `it was rendered to ${text}`, / at \d+:\d+$/);
    else assert.is(problem?.message ?? text, output);
  });
}

for (const { layout, output } of fixture.layouts) {
  test(`formats a time by ${layout}`, () => {
    assert.is(formatGoTime(fixture.time, layout), output);
  });
}

test.run();
