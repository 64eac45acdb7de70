// Files in repositories of Git and Mercurial (row ISO-10), fetched by the real programs.
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseChecksum } from "../../src/checksum/checksum.ts";
import { errorText, TspackError } from "../../src/diagnostics/error.ts";
import { type DownloadOptions, download } from "../../src/download/download.ts";
import { gitEnvironment } from "../../src/download/git-environment.ts";
import { cacheKey, parseLocation, redactLocation } from "../../src/download/location.ts";
import { gitHttpHandler } from "./git-http.ts";
import { testServer } from "./test-server.ts";

const gitTest = lab(test, "git");
const hgTest = lab(test, "hg");

const first = randomBytes(200_000);
const second = randomBytes(200_000);
const { signal } = new AbortController();
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Who makes commits, and nothing of this machine's own settings. */
const author = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@b",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@b",
  HGRCPATH: "",
  HGUSER: "a",
};

function get(location: string, changes: Partial<DownloadOptions> = {}) {
  const folder = tmp("project");
  const options = { location, checksum: parseChecksum("none"), cacheDirectory: "cache", workingDirectory: folder, signal };
  return download({ ...options, environment: author, ...changes });
}

/** A repository `images.git` of two commits, the first of which has the tag `v1`. Returns the folder that it is in and its commits. */
function gitRepository(): { readonly folder: string; readonly commits: readonly string[] } {
  const folder = tmp("git");
  const tree = join(folder, "images.git");
  mkdirSync(join(tree, "in a"), { recursive: true });
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: tree, env: author, encoding: "utf8" });
  git("init", "-q", "-b", "main");
  git("config", "uploadpack.allowFilter", "true");
  writeFileSync(join(tree, "in a", "disk.img"), first);
  writeFileSync(join(tree, "other.img"), randomBytes(500_000));
  symlinkSync("other.img", join(tree, "link.img"));
  writeFileSync(join(tree, "lfs.img"), "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  git("tag", "v1");
  writeFileSync(join(tree, "in a", "disk.img"), second);
  writeFileSync(join(tree, "root.img"), second);
  git("add", ".");
  git("commit", "-q", "-m", "second");
  git("checkout", "-q", "-b", "old", "v1");
  git("checkout", "-q", "main");
  return { folder, commits: git("log", "--format=%H").trim().split("\n") };
}

test("addresses of files in repositories are read in all their forms", () => {
  const table: readonly (readonly [string, string])[] = [
    ["git::https://host/org/repo.git//dir/a%20b.iso?ref=v1&depth=3", "git https://host/org/repo.git dir/a b.iso v1 3"],
    ["git::https://host/org/repo.git/a.iso", "git https://host/org/repo.git a.iso"],
    ["git::https://host/org/repo/a.iso", "git https://host/org/repo a.iso"],
    ["git::http://me:pass%20word@host/repo.git//a.iso", "git http://host/repo.git a.iso me pass word"],
    ["git::ssh://git@host:2222/repo.git//a.iso", "git ssh://git@host:2222/repo.git a.iso"],
    ["ssh://git@host/repo.git//a.iso", "git ssh://git@host/repo.git a.iso"],
    ["git@host:org/repo.git//a.iso?ref=main", "git git@host:org/repo.git a.iso main"],
    ["github.com/org/repo//dir/a.iso?ref=v1", "git https://github.com/org/repo.git dir/a.iso v1"],
    ["gitlab.com/org/repo.git/a.iso", "git https://gitlab.com/org/repo.git a.iso"],
    ["git::me@host:org/repo.git//a.iso", "git me@host:org/repo.git a.iso"],
    ["git::file:///srv/repo.git//dir/a.iso", "git file:///srv/repo.git dir/a.iso"],
    ["git::./repo//a.iso", "git file:///here/repo a.iso"],
    ["git::/srv/repo.git//a%20b.iso", "git file:///srv/repo.git a%20b.iso"],
    ["git::ext::sh -c x//a.iso", "git file:///here/ext::sh%20-c%20x a.iso"],
    ["hg::https://host/repo//a.iso?rev=7", "hg https://host/repo a.iso 7"],
    ["hg::https://host/repo/a.iso", "hg https://host/repo a.iso"],
  ];
  for (const [text, expected] of table) {
    const found = parseLocation(text, "/here");
    assert.is(found.kind, "repository", text);
    if (found.kind !== "repository") continue;
    const { tool, remote, file, revision, depth, login } = found;
    assert.is([tool, remote, file, revision, depth, login?.user, login?.password].filter(Boolean).join(" "), expected, text);
    assert.not.match(cacheKey(found, text), /pass/);
  }
  for (const [text, message] of [
    ["git::https://host/repo.git", /cannot be downloaded: it names no file of a repository/],
    ["git::https://host/repo.git//", /names no file/],
    ["github.com/org/repo", /names no file/],
    ["git::https://host/repo.git//../a.iso", /names no file/],
    ["git::ftp://host/repo.git//a.iso", /git is used with https, http, ssh, git, file only, not with ftp/],
    ["hg::git://host/repo//a.iso", /hg is used with/],
    ["git::ssh://-oProxyCommand=x/repo.git//a.iso", /does not begin with a dash/],
    ["git::ssh://me:secret-word@host/repo.git//a.iso", /ssh takes no password in an address/],
    ["git::https://host/repo.git//a.iso?ref=--upload-pack=x", /is no name of a branch/],
    ["git::https://host/repo.git//a.iso?ref=a:b", /is no name of a branch/],
    ["git::https://host/repo.git//a.iso?depth=0", /at least 1/],
    ["git::https://host/repo.git//a.iso?sshkey=secret-word!", /sshkey is not Base64/],
    ["git::https://host/repo.git//a.iso?branch=x", /no parameter "branch"/],
    ["hg::https://host/repo//a.iso?ref=x", /no parameter "ref"/],
  ] as const) {
    try {
      const found = parseLocation(text, "/here");
      assert.unreachable(`${text}: ${JSON.stringify(found)}`);
    } catch (error) {
      assert.ok(TspackError.is(error), text);
      assert.match(errorText(error), message);
      assert.not.match(errorText(error), /secret-word/);
    }
  }
  assert.is(redactLocation("git::ssh://me:pw@h/r.git//a?sshkey=abc&ref=x"), "git::ssh://h/r.git//a?sshkey=REDACTED&ref=x");
});

test("Git gets its settings where nobody sees them, beside those of the user, and can ask nobody", () => {
  const found = parseLocation("git::https://me:secret@host:8443/repo.git//a.iso", "/");
  assert.ok(found.kind === "repository");
  const own = {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "a.b",
    GIT_CONFIG_VALUE_0: "c",
    GIT_DIR: "/other",
    GIT_SSH_COMMAND: "ssh -v",
    X: "y",
  };
  const given = gitEnvironment(found, { environment: own, idleTimeoutMs: 1500, keyFile: "/it's/key" });
  const { GIT_DIR, GIT_TERMINAL_PROMPT, GIT_ASKPASS, GIT_ALLOW_PROTOCOL, GIT_SSH_COMMAND, X } = given;
  assert.equal([GIT_DIR, GIT_TERMINAL_PROMPT, GIT_ASKPASS, X], [undefined, "0", "", "y"]);
  assert.is(GIT_ALLOW_PROTOCOL, "file:git:http:https:ssh");
  assert.is(GIT_SSH_COMMAND, "ssh -v -i '/it'\\''s/key'");
  const settings = Array.from({ length: Number(given.GIT_CONFIG_COUNT) }, (_, index) => [
    given[`GIT_CONFIG_KEY_${index}`],
    given[`GIT_CONFIG_VALUE_${index}`],
  ]);
  assert.equal(settings[0], ["a.b", "c"]);
  const known = Object.fromEntries(settings);
  assert.is(known["remote.origin.url"], "https://host:8443/repo.git");
  assert.is(known["http.https://host:8443/.extraHeader"], `Authorization: Basic ${Buffer.from("me:secret").toString("base64")}`);
  assert.is(known["http.lowSpeedTime"], "2");
});

gitTest("a file is taken out of a Git repository at any branch, tag or commit", async () => {
  const { folder, commits } = gitRepository();
  const [newest = "", oldest = ""] = commits;
  const at = `git::file://${folder}/images.git`;
  const expected: readonly (readonly [string, Buffer])[] = [
    [`${at}//in%20a/disk.img`, second],
    [`${at}/root.img`, second],
    [`git::${folder}/images.git//in a/disk.img?ref=old`, first],
    [`${at}//in%20a/disk.img?ref=v1`, first],
    [`${at}//in%20a/disk.img?ref=${oldest}`, first],
    [`${at}//in%20a/disk.img?ref=${oldest.slice(0, 8)}`, first],
    [`${at}//in%20a/disk.img?ref=${newest}&depth=2`, second],
  ];
  for (const [location, content] of expected) {
    const project = tmp("project");
    const { path, from } = await get(location, { workingDirectory: project, checksum: parseChecksum(sha256(content)) });
    assert.is(from, "downloaded", location);
    assert.ok(readFileSync(path).equals(content), location);
    assert.equal(readdirSync(join(project, "cache")).length, 1, "nothing else is left");
  }
  const project = { workingDirectory: tmp("project"), checksum: parseChecksum(sha256(second)) };
  await get(`${at}/root.img`, project);
  assert.is((await get(`${at}/root.img`, project)).from, "reused");
  const refused = async (location: string, message: RegExp, changes: Partial<DownloadOptions> = {}) => {
    const workingDirectory = tmp("project");
    await rejects(get(location, { workingDirectory, ...changes }), { message });
    assert.equal(readdirSync(join(workingDirectory, "cache")), []);
  };
  await refused(`${at}//none.img`, /there is no file none\.img in file:.*images\.git$/);
  await refused(`${at}//in%20a?ref=v1`, /in a in .* is a folder, and no file/);
  await refused(`${at}//link.img`, /link\.img in .* is a symbolic link, and no file/);
  await refused(`${at}//lfs.img`, /is kept by Git LFS, which is not set up here/);
  await refused(`${at}//root.img?ref=nowhere`, /git fetch failed with exit code 128: .*nowhere/);
  await refused(`git::file://${folder}/none.git//a`, /git fetch failed with exit code 128: .*does not appear to be a git repository/);
  await refused(`${at}//root.img`, /the checksum of git::file.* is wrong/, { checksum: parseChecksum(sha256(first)) });
  await refused(`${at}//root.img`, /git is not installed/, { environment: { PATH: "/nonexistent" } });
});

gitTest("Git over HTTP: user and password are sent and nowhere else; progress is shown; a server without filters will do", async () => {
  const { folder } = gitRepository();
  const asked: string[] = [];
  const handle = gitHttpHandler(folder);
  const server = await testServer((request, response) => {
    const [, encoded = ""] = (request.headers.authorization ?? "").split(" ");
    asked.push(Buffer.from(encoded, "base64").toString());
    if (asked.at(-1) === "me:very secret") handle(request, response);
    else response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
  }, createServer());
  try {
    await within(60_000, async () => {
      const at = server.url.replace("://", "://me:very%20secret@");
      let bytes = 0;
      const progress = () => ({ advance: (count: number) => (bytes += count), finish() {} });
      const { path } = await get(`git::${at}/images.git//in%20a/disk.img`, { progress });
      assert.ok(readFileSync(path).equals(second));
      assert.ok(bytes > 150_000 && bytes < 450_000, `${bytes}: the file, and not the others`);
      const wrong = server.url.replace("://", "://me:other%20secret@");
      const error = await rejects(get(`git::${wrong}/images.git//root.img`), {
        code: "TPK7001",
        message: /git fetch failed with exit code 128/,
      });
      assert.not.match(errorText(error), /other|b3RoZXI/);
      execFileSync("git", ["config", "uploadpack.allowFilter", "false"], { cwd: join(folder, "images.git"), env: author });
      assert.ok(readFileSync((await get(`git::${at}/images.git//root.img?ref=main`)).path).equals(second));
    });
  } finally {
    await server.close();
  }
});

gitTest("an aborted fetch ends Git, and leaves nothing", async () => {
  let arrived: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  const server = await testServer(() => arrived());
  const controller = new AbortController();
  const project = tmp("project");
  try {
    const running = get(`git::${server.url}/images.git//root.img`, { signal: controller.signal, workingDirectory: project });
    await within(30_000, () => asked);
    controller.abort();
    await rejects(running, { code: "TPK6009" });
    assert.equal(readdirSync(join(project, "cache")), []);
  } finally {
    await server.close();
  }
});

hgTest("a file is taken out of a Mercurial repository at any revision", async () => {
  const tree = join(tmp("hg"), "images");
  mkdirSync(join(tree, "in a"), { recursive: true });
  const hg = (...args: string[]): unknown => execFileSync("hg", args, { cwd: tree, env: author });
  hg("init");
  writeFileSync(join(tree, "in a", "disk.img"), first);
  symlinkSync("in a/disk.img", join(tree, "link.img"));
  hg("add", "-q");
  hg("commit", "-q", "-m", "first");
  writeFileSync(join(tree, "in a", "disk.img"), second);
  hg("commit", "-q", "-m", "second");
  const at = `hg::file://${tree}`;
  for (const [location, content] of [
    [`${at}//in%20a/disk.img`, second],
    [`hg::${tree}//in a/disk.img?rev=0`, first],
  ] as const) {
    const { path } = await get(location, { checksum: parseChecksum(sha256(content)) });
    assert.ok(readFileSync(path).equals(content), location);
  }
  for (const [location, message] of [
    [`${at}//none.img`, /there is no file none\.img/],
    [`${at}//link.img`, /is a symbolic link/],
    [`${at}//in%20a/disk.img?rev=nowhere`, /hg files failed with exit code 255: .*unknown revision/],
  ] as const) {
    await rejects(get(location), { code: "TPK7001", message });
  }
  await rejects(get(`${at}//in%20a/disk.img`, { environment: { PATH: "/nonexistent" } }), {
    code: "TPK6008",
    message: /hg is not installed/,
  });
});

test.run();
