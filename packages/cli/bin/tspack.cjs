#!/usr/bin/env node
// Starts the built program. Kept to syntax that old versions of Node can read, so that they get a message instead of a stack.
"use strict";

var parts = process.versions.node.split(".").map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  process.stderr.write(`tspack needs Node 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  start();
}

function start() {
  const { existsSync } = require("node:fs");
  const { join } = require("node:path");
  const program = join(__dirname, "..", "dist", "bin.cjs");
  if (!existsSync(program)) {
    process.stderr.write(`tspack is not built: ${program} is missing. Run \`npm install\` in the repository, or \`npm run build\`.\n`);
    process.exitCode = 1;
    return;
  }
  // V8's compile cache exists from Node 22.8 on: https://nodejs.org/api/module.html#moduleenablecompilecachecachedir
  const { enableCompileCache } = require("node:module");
  if (enableCompileCache) {
    enableCompileCache();
    require(program);
  } else {
    require("../dist/compiled-cache.cjs").requireCompiled(program, process.env);
  }
}
