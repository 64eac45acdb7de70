import type { DatasourceDeclaration } from "@tspack/core";
import type { DatasourceConfig, DatasourceOutput, Datasources, Name } from "./components.ts";
import { copyConfig } from "./config.ts";
import { currentLoad } from "./context.ts";
import { withProvider } from "./declaration.ts";
import { dependencyRef } from "./ref.ts";
import { captureOrigin, report } from "./report.ts";
import { requireConfig, requireName } from "./require.ts";

/**
 * Asks a data source. The answer is a Ref: it is fetched when a build that needs it runs.
 *
 * @example
 * const latest = data("http", "latest", { url: "https://example.org/latest" });
 * provision("shell", { inline: [t`echo ${latest.body}`] });
 */
export function data<T extends Name<Datasources>>(type: T, name: string, config: DatasourceConfig<T>): DatasourceOutput<T> {
  requireName("data", "type", type);
  requireName("data", "name", name);
  const call = `data(${JSON.stringify(type)}, ${JSON.stringify(name)})`;
  const given = requireConfig(call, config);
  const origin = captureOrigin();
  const where = `in ${call}`;
  const declaration: DatasourceDeclaration = {
    type,
    name,
    config: copyConfig(given, (path, detail, hint) =>
      report({ code: "TPK1006", summary: "Invalid argument value", detail, hint, where, origin, path }),
    ),
    origin,
  };
  const known = currentLoad()?.datasources;
  if (known?.some((other) => other.type === type && other.name === name)) {
    report({
      code: "TPK1006",
      summary: "Duplicate data source",
      detail: `There is another data source of type ${JSON.stringify(type)} with the name ${JSON.stringify(name)}.`,
      hint: "Give one of them another name.",
      where,
      origin,
    });
  } else {
    known?.push(declaration);
  }
  return dependencyRef(`data.${type}.${name}`, withProvider({ kind: "data", type, name, path: [] }, declaration));
}
