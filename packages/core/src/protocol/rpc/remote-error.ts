import { PluginError } from "../../diagnostics/error.ts";
import type { ToldFailure } from "./failure.ts";

/** What the peer answered instead of a reply. The message is the peer's text as it came: Packer's protocol has no more. */
export class RemoteError extends PluginError {
  /** The call that failed: `Builder.Run`. */
  readonly method: string;
  /** What a peer of ours told besides. */
  readonly failure: ToldFailure;

  constructor(method: string, message: string, failure: ToldFailure = {}) {
    super(message, { code: "TPK4005" });
    this.method = method;
    this.failure = failure;
  }
}
