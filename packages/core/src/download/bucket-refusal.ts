import type { IncomingMessage } from "node:http";
import { readBoundedBody } from "./bounded-body.ts";

/** What a store says when it refuses. */
export interface BucketRefusal {
  /** `NoSuchKey` and its like; undefined when it tells none. */
  readonly code: string | undefined;
  /** Code and message, on one line; empty when there is neither. */
  readonly text: string;
  /** The region that S3 says the bucket is in. */
  readonly region: string | undefined;
}

/** Far more than such an answer has. */
const LARGEST_BYTES = 64 * 1024;
const LONGEST_TEXT = 300;

/** Reads the XML of a refusal (Amazon S3 API Reference, "Error responses"; Cloud Storage's XML API has the same). The response is at its end then. */
export async function readRefusal(message: IncomingMessage): Promise<BucketRefusal> {
  const header = message.headers["x-amz-bucket-region"];
  // Without it the status tells enough.
  const body = await readBoundedBody(message, LARGEST_BYTES).then(
    ({ bytes }) => bytes.toString(),
    () => "",
  );
  const code = element(body, "Code");
  const text = [code, element(body, "Message")].filter((part) => part !== undefined).join(": ");
  const region = (typeof header === "string" ? header : undefined) ?? element(body, "Region");
  return {
    code,
    text: printable(text).slice(0, LONGEST_TEXT),
    region: region !== undefined && /^[a-z0-9-]+$/.test(region) ? region : undefined,
  };
}

// --- internal ---

function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined || text === "" ? undefined : text;
}

const entities: { readonly [name: string]: string } = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&", "#34": '"', "#39": "'" };

function printable(text: string): string {
  return text
    .replace(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
}
