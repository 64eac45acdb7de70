import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { download } from "../../src/download/download.ts";
import { findInNetrc } from "../../src/download/netrc.ts";
import { testServer } from "./test-server.ts";

const netrc = `# comment machine host.example login wrong password wrong
machine other.example login me password them
machine host.example
  login user
  account ignored
  password "with \\"space\\" in it"
macdef init
machine macro.example login bad password bad

machine last.example login machine password login
`;

test("ISO-10: the entry of a host is found, whatever its form", () => {
  const found = (host: string, text = netrc): string | undefined => {
    const entry = findInNetrc(text, host);
    return entry === undefined ? undefined : `${entry.login}:${entry.password}`;
  };
  assert.is(found("host.example"), 'user:with "space" in it');
  assert.is(found("OTHER.example"), "me:them");
  assert.is(found("last.example"), "machine:login");
  for (const host of ["macro.example", "none.example"]) assert.is(found(host), undefined);
  assert.is(found("none.example", `${netrc}default login anonymous password x`), "anonymous:x");
  for (const text of ["", "machine", "login x password y", "machine none.example", "machine none.example login"])
    assert.is(found("none.example", text), undefined);
});

test("a download shows the credentials of .netrc to that host, and never in a message", async () => {
  const seen: (string | undefined)[] = [];
  const server = await testServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(seen.length === 1 ? 200 : 403).end("content");
  });
  const folder = tmp();
  writeFileSync(join(folder, ".netrc"), "machine 127.0.0.1 login us%er password pa:ss");
  const get = (environment: { readonly [name: string]: string }, location: string) =>
    download({
      location,
      checksum: { kind: "none" },
      destination: join(folder, "image"),
      workingDirectory: folder,
      environment,
      signal: new AbortController().signal,
    });
  try {
    await get({ HOME: folder }, `${server.url}/image`);
    const error = await rejects(get({ NETRC: join(folder, ".netrc"), HOME: "/nowhere" }, `${server.url}/image`), { code: "TPK7001" });
    assert.not.match(error.message, /pa:ss|us%er/);
    await rejects(get({ HOME: folder }, `http://other:one@127.0.0.1:${server.port}/image`));
    await rejects(get({}, `${server.url}/image`));
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
    assert.equal(seen, [basic("us%er:pa:ss"), basic("us%er:pa:ss"), basic("other:one"), undefined]);
  } finally {
    await server.close();
  }
});

test.run();
