import type { ComponentKind, ConfigSpec } from "@tspack/core";
import { InterfaceNames, indent, pascalCase, propertyKey } from "./names.ts";
import { TypePrinter } from "./print-types.ts";

/** A component whose types are printed. */
export interface TypedComponent {
  readonly kind: ComponentKind;
  readonly type: string;
  readonly spec: ConfigSpec;
  /** Data sources: what they answer. Untyped where it is not known. */
  readonly output?: ConfigSpec | undefined;
  /** One sentence: what it does. */
  readonly description?: string | undefined;
  /** Address of its documentation. */
  readonly link?: string | undefined;
  /** There are options that are not in `spec`: any other name is taken too. */
  readonly isOpen?: boolean | undefined;
}

/** The interface that components of a kind are added to, and how the kind is called. */
const kinds = {
  builder: { registry: "Builders", words: "builder", suffix: "Builder" },
  provisioner: { registry: "Provisioners", words: "provisioner", suffix: "Provisioner" },
  "post-processor": { registry: "PostProcessors", words: "post-processor", suffix: "PostProcessor" },
  datasource: { registry: "Datasources", words: "data source", suffix: "Datasource" },
} as const satisfies { readonly [kind in ComponentKind]: unknown };

/** Arguments that core takes from every step's options; a component never sees them (rows META-01..09). */
const commonArguments: { readonly [kind in ComponentKind]: ReadonlySet<string> } = {
  builder: new Set(),
  datasource: new Set(),
  provisioner: new Set(["only", "except", "override", "pause_before", "max_retries", "timeout", "continue_on_error", "name"]),
  "post-processor": new Set(["only", "except", "name", "keep_input_artifact"]),
};

/**
 * A TypeScript module with the option types of components, which adds them to the interfaces of `tspack`. `header` says where it
 * comes from. The same components give the same text, in whatever order they come.
 */
export function printModule(components: readonly TypedComponent[], header: string): string {
  const names = new InterfaceNames();
  const printer = new TypePrinter(names);
  const entries = new Map<string, string[]>();
  const order = Object.keys(kinds);
  const sorted = [...components].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.type < b.type ? -1 : 1));
  // First the names of components, which users read; blocks take what is left.
  const named = sorted.map((component) => {
    const stem = pascalCase(component.type);
    const { suffix } = kinds[component.kind];
    return {
      component,
      stem,
      config: names.take(`${stem}Config`, `${stem}${suffix}Config`),
      output: component.output === undefined ? undefined : names.take(`${stem}Output`, `${stem}${suffix}Output`),
    };
  });
  for (const { component, stem, config, output } of named) {
    const { registry, words } = kinds[component.kind];
    const text = [`Options of the ${words} ${component.type}.`, component.description].filter((part) => part !== undefined).join(" ");
    const about = { text, link: component.link };
    printer.config(config, stem, component.spec, about, { without: commonArguments[component.kind], isOpen: component.isOpen });
    if (output !== undefined && component.output !== undefined) {
      printer.output(output, `${stem}Output`, component.output, { text: `What the data source ${component.type} answers.` });
    }
    const type = component.kind === "datasource" ? `{ config: ${config}${output === undefined ? "" : `; output: ${output}`} }` : config;
    entries.set(registry, [...(entries.get(registry) ?? []), `${propertyKey(component.type)}: ${type};\n`]);
  }
  const imports = printer.used.length === 0 ? "" : `import type { ${printer.used.join(", ")} } from "tspack";\n\n`;
  const registries = [...entries].map(([name, lines]) => `interface ${name} {\n${indent(lines.join(""))}}\n`);
  const augmentation = `declare module "tspack" {\n${indent(registries.join("\n"))}}\n`;
  const interfaces = printer.interfaces.length === 0 ? "export {};\n" : printer.interfaces.join("\n");
  return [header.replace(/^/gm, "// "), "\n", imports, interfaces, "\n", augmentation].join("");
}
