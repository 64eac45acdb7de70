import type { Component } from "./component.ts";
import type { Ui } from "./ui.ts";

/** Fetches values for the program. Contract: `execute` is called at most once, changes nothing, and stops promptly on abort. */
export interface Datasource extends Component {
  execute(context: { readonly ui: Ui; readonly signal: AbortSignal }): Promise<{ readonly [name: string]: unknown }>;
}
