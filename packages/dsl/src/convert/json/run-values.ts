import { dynamicType } from "../../hcl/eval/type.ts";
import { type Code, code } from "../expression/code.ts";
import { commonBuildValues } from "../hcl/references.ts";

/** A value of the running build: `build.ID`, or `build.get("…")` for one that not every builder announces. */
export function buildValueCode(name: string): Code {
  const type = Object.hasOwn(commonBuildValues, name) ? commonBuildValues[name] : undefined;
  const text = type === undefined ? `build.get(${JSON.stringify(name)})` : `build.${name}`;
  return code(text, type ?? dynamicType, { isRef: true, declared: true });
}
