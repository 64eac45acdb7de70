// Option types of the components that come with tspack. Printed from their schemas by `npm run typegen`; do not edit.
import type { Dict, Input } from "tspack";

/** Options of the data source http. Sends a request to a web server and answers what it says. */
export interface HttpConfig {
  /** Address to ask, http or https. */
  url: Input<string>;
  /** Method of the request. Default: `"GET"`. */
  method?: Input<"GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH" | (string & {})> | undefined;
  /** Headers to send, by name. */
  request_headers?: Dict<string> | undefined;
  /** Body to send. */
  request_body?: Input<string> | undefined;
}

/** What the data source http answers. */
export interface HttpOutput {
  /** The address that was asked. */
  url: string;
  /** Body of the answer, as text. */
  body: string;
  /** Headers of the answer by name; the name of this value is Packer's. Repeated headers are joined with commas. */
  request_headers: { readonly [key: string]: string };
}

/** Options of the data source null. Answers the text that it was given. */
export interface NullConfig {
  /** The text to answer. */
  input: Input<string>;
}

/** What the data source null answers. */
export interface NullOutput {
  /** The text of `input`. */
  output: string;
}

declare module "tspack" {
  interface Datasources {
    http: { config: HttpConfig; output: HttpOutput };
    null: { config: NullConfig; output: NullOutput };
  }
}
