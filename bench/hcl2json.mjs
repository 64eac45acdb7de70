// The peer of the parser: HCL's own parser, compiled to WebAssembly, as a whole process.
import { readFileSync } from "node:fs";
import { parse } from "@cdktf/hcl2json";

const [file] = process.argv.slice(2);
await parse(file, readFileSync(file, "utf8"));
