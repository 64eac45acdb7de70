// The store of e2e/s3-server, in which the AWS SDK for Go judges signatures.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findLabProgram, tmp } from "@tspack/test-support";

/** The keys that the store knows, as the environment has them. */
export const s3Keys = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "very/secret+key",
  AWS_SESSION_TOKEN: "session+token/==",
};

export interface S3Server {
  readonly url: string;
  /** `GET /bucket/key KEYID REGION bytes=7-`, or `unsigned` for who asked. */
  requests(): Promise<readonly string[]>;
}

let built: string | undefined;

/** Runs the store (`lab(test, "go")`) with objects by `BUCKET/KEY` for as long as `body` takes. Its region is eu-west-1. */
export async function withS3Server(
  objects: { readonly [path: string]: string | Buffer },
  body: (server: S3Server) => Promise<void>,
): Promise<void> {
  const folder = tmp("s3");
  for (const [path, content] of Object.entries(objects)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const args = [folder, "eu-west-1", s3Keys.AWS_ACCESS_KEY_ID, s3Keys.AWS_SECRET_ACCESS_KEY, s3Keys.AWS_SESSION_TOKEN];
  // Its input ends with this process, and so does it.
  built ??= build();
  const child = spawn(built, args, { stdio: ["pipe", "pipe", "inherit"] });
  const gone = once(child, "close");
  try {
    const lines = createInterface({ input: child.stdout });
    const [url] = (await once(lines, "line")) as [string];
    const requests = async (): Promise<readonly string[]> => (await (await fetch(`${url}/.requests`)).text()).split("\n");
    await body({ url, requests });
  } finally {
    child.stdin.end();
    await gone;
  }
}

// --- internal ---

function build(): string {
  const file = join(tmp("s3-server"), "s3-server");
  execFileSync(findLabProgram("go") ?? "go", ["build", "-o", file, "."], {
    cwd: fileURLToPath(new URL("../../../../e2e/s3-server", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit"],
  });
  return file;
}
