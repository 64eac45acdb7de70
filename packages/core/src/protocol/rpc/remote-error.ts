import { PluginError } from "../../diagnostics/error.ts";

/** What the peer answered instead of a reply. The message is the peer's text as it came: only text survives the wire. */
export class RemoteError extends PluginError {
  /** The call that failed: `Builder.Run`. */
  readonly method: string;

  constructor(method: string, message: string) {
    super(message, { code: "TPK4005" });
    this.method = method;
  }
}
