// Draws a picture of a real run: starts a command in a terminal of its own (tmux), waits for its end, and writes what is then on
// the screen as an SVG with colours.
// usage: render-terminal-svg.ts OUTPUT.svg [--columns=N] [--rows=N] -- COMMAND …
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const limitMs = 300_000;
const cell = { width: 8.4, height: 18 };
const padding = 16;
const titleBar = 30;

/** Colours that read well on the dark ground, in the order of ANSI colours 0 to 15. */
const colors = [
  ...["#1b1f24", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#d0d7de"],
  ...["#6e7681", "#ffa198", "#aff5b4", "#f2cc60", "#a5d6ff", "#e2c5ff", "#76e3ea", "#ffffff"],
];
const ground = "#0d1117";
const ink = "#d0d7de";

interface Style {
  readonly color?: string | undefined;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
}

/** Runs the command in a detached terminal and returns its last screen, with escape sequences. */
async function lastScreen(command: readonly string[], size: { readonly columns: number; readonly rows: number }): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tspack-terminal-"));
  const tmux = (...args: string[]): string => execFileSync("tmux", ["-S", join(folder, "socket"), ...args], { encoding: "utf8" });
  try {
    // The configuration is left out, so that every machine draws the same.
    const shown = command.map((word) => (/^[\w./=:@-]+$/.test(word) ? word : `'${word}'`)).join(" ");
    const script = `printf '\\033[2m$\\033[0m \\033[1m%s\\033[0m\\n' "${shown.replace(/(["$`\\])/g, "\\$1")}"; ${shown}; tmux -S '${folder}/socket' wait-for -S done; sleep 600`;
    const env = Object.entries({ TERM: "tmux-256color", COLORTERM: "truecolor", CI: "", npm_config_loglevel: "error" }).flatMap(
      ([name, value]) => ["-e", `${name}=${value}`],
    );
    tmux("-f", "/dev/null", "new-session", "-d", "-x", String(size.columns), "-y", String(size.rows), ...env, script);
    tmux("set-option", "-g", "status", "off");
    const watch = new AbortController();
    const late = pause(limitMs, undefined, { signal: watch.signal }).then(() => {
      throw new Error(`the command was not done within ${limitMs / 1000} s`);
    });
    await Promise.race([waitForEnd(folder), late]);
    watch.abort();
    return tmux("capture-pane", "-e", "-p");
  } finally {
    try {
      tmux("kill-server");
    } catch {
      // The session has ended by itself.
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function waitForEnd(folder: string): Promise<void> {
  const { execFile } = await import("node:child_process");
  await new Promise<void>((resolve, reject) => {
    execFile("tmux", ["-S", join(folder, "socket"), "wait-for", "done"], (error) => (error === null ? resolve() : reject(error)));
  });
}

/** The style after a Select Graphic Rendition sequence (ECMA-48 §8.3.117). */
function applySequence(style: Style, parameters: string): Style {
  const codes = parameters === "" ? [0] : parameters.split(/[;:]/).map(Number);
  let next = style;
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 0) next = {};
    else if (code === 1) next = { ...next, isBold: true };
    else if (code === 2) next = { ...next, isDim: true };
    else if (code === 22) next = { ...next, isBold: false, isDim: false };
    else if (code === 39) next = { ...next, color: undefined };
    else if (code >= 30 && code <= 37) next = { ...next, color: colors[code - 30] };
    else if (code >= 90 && code <= 97) next = { ...next, color: colors[code - 82] };
    else if (code === 38 && codes[index + 1] === 5) {
      next = { ...next, color: colors[codes[index + 2] ?? 7] ?? ink };
      index += 2;
    }
  }
  return next;
}

/** One screen line as `<text>`, each stretch of one style a `<tspan>` at its column. */
function lineToSvg(line: string, row: number, start: Style): { readonly svg: string; readonly style: Style } {
  let style = start;
  let column = 0;
  const spans: string[] = [];
  for (const part of line.split(/(\u001b\[[\d;:]*m)/)) {
    const sequence = /^\u001b\[([\d;:]*)m$/.exec(part);
    if (sequence !== null) style = applySequence(style, sequence[1] ?? "");
    else if (part !== "") {
      if (part.trim() !== "") spans.push(spanToSvg(part, column, style));
      column += [...part].length;
    }
  }
  const y = titleBar + padding + row * cell.height + 12;
  return { svg: spans.length === 0 ? "" : `<text y="${y}">${spans.join("")}</text>`, style };
}

function spanToSvg(text: string, column: number, style: Style): string {
  const words = text.trim();
  const escaped = words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const indent = text.length - text.trimStart().length;
  const x = (padding + (column + indent) * cell.width).toFixed(1);
  const length = ([...words].length * cell.width).toFixed(1);
  const attributes = [
    style.color === undefined ? "" : ` fill="${style.color}"`,
    style.isBold === true ? ' font-weight="bold"' : "",
    style.isDim === true ? ' opacity="0.6"' : "",
  ].join("");
  return `<tspan x="${x}" textLength="${length}"${attributes}>${escaped}</tspan>`;
}

/** A screen as an SVG, as high as what is on it. */
function screenToSvg(screen: string, columns: number, title: string): string {
  const lines = screen.replace(/\s+$/, "").split("\n");
  const width = Math.ceil(columns * cell.width + 2 * padding);
  const height = Math.ceil(titleBar + 2 * padding + lines.length * cell.height);
  let style: Style = {};
  const body = lines.map((line, row) => {
    const drawn = lineToSvg(line, row, style);
    style = drawn.style;
    return drawn.svg;
  });
  const dots = ["#ff5f57", "#febc2e", "#28c840"].map((color, index) => `<circle cx="${20 + index * 18}" cy="16" r="5.5" fill="${color}"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${ground}"/>`,
    ...dots,
    `<g xml:space="preserve" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${ink}">`,
    ...body.filter((line) => line !== ""),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

const words = process.argv.slice(2);
const separator = words.indexOf("--");
const [output, ...options] = separator === -1 ? words : words.slice(0, separator);
const command = separator === -1 ? [] : words.slice(separator + 1);
if (output === undefined || command.length === 0) {
  console.error("usage: render-terminal-svg.ts OUTPUT.svg [--columns=N] [--rows=N] -- COMMAND …");
  process.exitCode = 1;
} else {
  const option = (name: string, otherwise: number): number =>
    Number(options.find((word) => word.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise);
  const size = { columns: option("columns", 92), rows: option("rows", 40) };
  const screen = await lastScreen(command, size);
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, screenToSvg(screen, size.columns, `Terminal: ${command.join(" ")}`));
  console.log(`wrote ${output}`);
}
