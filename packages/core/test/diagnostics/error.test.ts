import { test } from "uvu";
import * as assert from "uvu/assert";
import { CancelledError, CommunicatorError, errorText, isCancellation, TspackError } from "../../src/diagnostics/error.ts";

test("the text of an error holds its whole chain of causes once", () => {
  const root = new Error("connection refused");
  const error = new CommunicatorError("could not upload a.sh", { cause: new Error("channel closed: connection refused", { cause: root }) });
  assert.is(errorText(error), "could not upload a.sh: channel closed: connection refused");
  assert.is(errorText(new AggregateError([new Error("one"), new Error("two")], "two steps failed")), "two steps failed: one; two");
  assert.is(errorText("plain text"), "plain text");
});

test("an error of another copy of the library is recognised", () => {
  const foreign = Object.assign(new Error("x"), { [Symbol.for("tspack.error")]: true, code: "TPK6009" });
  assert.ok(TspackError.is(foreign));
  assert.ok(isCancellation(foreign));
});

test("cancellation is ours or Node's, nothing else", () => {
  assert.ok(isCancellation(new CancelledError()));
  assert.ok(isCancellation(new DOMException("This operation was aborted", "AbortError")));
  assert.not(isCancellation(new Error("boom")));
});

test.run();
