// The data source that answers what it was given (row DS-01).
import * as z from "zod";
import { defineDatasource } from "../../sdk/config/define.ts";

export default defineDatasource({
  type: "null",
  description: "Answers the text that it was given.",
  options: () => z.object({ input: z.string().describe("The text to answer.") }),
  output: () => z.object({ output: z.string().describe("The text of `input`.") }),
  check({ config, isUnknown }) {
    if (isUnknown("input") || config.input !== "") return [];
    const detail = `The argument "input" is required, but it is empty.`;
    return [{ severity: "error", code: "TPK3104", summary: "Missing required argument", detail, path: ["input"] }];
  },
  execute: async ({ config }) => ({ output: config.input }),
});
