// Runs a plugin that ships with tspack: `node start-plugin.cjs PLUGIN ARGUMENT...`. What V8 compiled of it is kept, as for the program.
"use strict";

// The plugin sees its own file and arguments.
process.argv.splice(1, 1);
const plugin = process.argv[1];
const { enableCompileCache } = require("node:module");
if (enableCompileCache) {
  enableCompileCache();
  require(plugin);
} else {
  require("../dist/compiled-cache.cjs").requireCompiled(plugin, process.env);
}
