export { default } from "./builder.ts";
