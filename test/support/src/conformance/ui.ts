// What every Ui has to do, whoever stands behind it: the contract of packages/core/src/sdk/ui.ts as tests.
import * as assert from "uvu/assert";
import { isCancellation, type Ui } from "../../../../packages/core/src/sdk/index.ts";
import { rejects } from "../rejects.ts";
import { within } from "../within.ts";

/** One thing that came out at the user's end. */
export type SeenByUser =
  | { readonly kind: "say" | "error" | "question"; readonly text: string }
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly kind: "machine"; readonly type: string; readonly data: readonly string[] }
  | { readonly kind: "log"; readonly level: string; readonly text: string }
  | {
      readonly kind: "progress";
      readonly id: number;
      readonly label: string;
      readonly doneBytes: number;
      readonly totalBytes?: number | undefined;
      readonly finished: boolean;
    };

/** A Ui to test with, and the user behind it. */
export interface ConformanceUi {
  readonly ui: Ui;
  /** What the user has seen so far, in order. Waits for what is still on its way. */
  seen(): Promise<readonly SeenByUser[]>;
  close(): Promise<void>;
}

export interface UiOptions {
  /** What the user answers; a question waits for ever when this gives no answer. Nobody is there when it is absent. */
  readonly answer?: ((question: string) => Promise<string>) | undefined;
}

type Register = (name: string, body: () => Promise<void>) => void;

/** Registers the tests. `make` is called for each. */
export function uiConformance(test: Register, make: (options: UiOptions) => Promise<ConformanceUi>): void {
  const withUi = (name: string, options: UiOptions, body: (made: ConformanceUi) => Promise<void>): void => {
    test(name, async () => {
      const made = await make(options);
      try {
        await within(20_000, () => body(made));
      } finally {
        await made.close();
      }
    });
  };

  withUi("everything arrives, in order, as it was said", {}, async ({ ui, seen }) => {
    ui.say("two\nlines, and a comma");
    ui.error("bad");
    ui.output("stdout", "  indented");
    ui.output("stderr", "");
    ui.machine("own-type", "a,b", "c\nd", "");
    ui.log("warn", "careful");
    ui.say("日本 🎉");
    assert.equal(await seen(), [
      { kind: "say", text: "two\nlines, and a comma" },
      { kind: "error", text: "bad" },
      { kind: "output", stream: "stdout", text: "  indented" },
      { kind: "output", stream: "stderr", text: "" },
      { kind: "machine", type: "own-type", data: ["a,b", "c\nd", ""] },
      { kind: "log", level: "warn", text: "careful" },
      { kind: "say", text: "日本 🎉" },
    ]);
  });

  withUi("calls of concurrent tasks keep the order of each", {}, async ({ ui, seen }) => {
    const task = async (name: string): Promise<void> => {
      for (let index = 0; index < 50; index++) {
        ui.output("stdout", `${name} ${index}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([task("a"), task("b")]);
    const texts = (await seen()).map((one) => (one.kind === "output" ? one.text : ""));
    for (const name of ["a", "b"]) {
      const own = texts.filter((text) => text.startsWith(name));
      assert.equal(
        own,
        Array.from({ length: 50 }, (_, index) => `${name} ${index}`),
      );
    }
  });

  withUi("work shows its beginning and its end, however often it advances", {}, async ({ ui, seen }) => {
    const known = ui.progress("upload", 1000);
    const unknown = ui.progress("download");
    for (let index = 0; index < 1000; index++) known.advance(1);
    unknown.advance(5);
    known.finish();
    known.finish();
    unknown.finish();
    const all = (await seen()).filter((one) => one.kind === "progress");
    const upload = all.filter(({ label }) => label === "upload");
    const download = all.filter(({ label }) => label === "download");
    assert.equal([upload[0]?.doneBytes, upload[0]?.totalBytes, upload[0]?.finished], [0, 1000, false]);
    assert.equal([upload.at(-1)?.doneBytes, upload.at(-1)?.finished], [1000, true]);
    assert.equal([download.at(-1)?.doneBytes, download.at(-1)?.totalBytes, download.at(-1)?.finished], [5, undefined, true]);
    assert.is(upload.filter(({ finished }) => finished).length, 1);
    assert.is.not(upload[0]?.id, download[0]?.id);
    assert.ok(upload.length < 100, "events are thinned out");
  });

  withUi("a question is shown and gives the answer", { answer: async (question) => `re: ${question}` }, async ({ ui, seen }) => {
    const { signal } = new AbortController();
    assert.is(await ui.ask("Well?", { signal, choices: ["yes", "no"] }), "re: Well?");
    assert.equal(
      (await seen()).filter(({ kind }) => kind === "question"),
      [{ kind: "question", text: "Well?" }],
    );
  });

  withUi("a secret that a component came to know does not show from then on", {}, async ({ ui, seen }) => {
    ui.secret("");
    ui.secret("typed-in");
    ui.say("logged in with typed-in");
    assert.equal(await seen(), [{ kind: "say", text: "logged in with <sensitive>" }]);
  });

  withUi("a question that nobody can answer fails", {}, async ({ ui }) => {
    await rejects(ui.ask("Well?", { signal: new AbortController().signal }), { code: "TPK6010" });
  });

  withUi("an abort ends a question that nobody answers", { answer: () => new Promise(() => {}) }, async ({ ui }) => {
    const abort = new AbortController();
    const asked = ui.ask("Well?", { signal: abort.signal });
    setImmediate(() => abort.abort());
    assert.ok(isCancellation(await rejects(asked)));
    assert.ok(isCancellation(await rejects(ui.ask("Again?", { signal: abort.signal }))));
  });
}
