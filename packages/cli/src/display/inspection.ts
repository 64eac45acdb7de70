import {
  type BuildDeclaration,
  buildName,
  deferredOf,
  MachineReadablePrinter,
  type PostProcessorDeclaration,
  type Program,
  type ProvisionerDeclaration,
  type SourceDeclaration,
  type VariableDeclaration,
} from "@tspack/core";
import type { Loaded } from "@tspack/dsl";

/** What `inspect` prints for people, in the order of row DET-05. */
export function inspectionLines(program: Program, locals: Loaded["locals"] = []): string[] {
  return [
    "Input variables:",
    ...indent(program.variables.length === 0 ? ["(none)"] : program.variables.flatMap(variableLines)),
    "",
    ...(locals.length === 0
      ? []
      : ["Local variables:", ...indent(locals.map((local) => `${local.name} = ${shown(local, local.value)}`)), ""]),
    ...(program.datasources.length === 0
      ? []
      : ["Data sources:", ...indent(program.datasources.map((datasource) => `${datasource.type}.${datasource.name}`)), ""]),
    "Builds:",
    ...indent(program.builds.flatMap((build, index) => [...buildLines(build, index), ""])),
  ].slice(0, -1);
}

/** The same as records (rows MR-11..13). */
export function inspectionRecords(program: Program): string[] {
  const printer = new MachineReadablePrinter();
  const record = (type: string, ...data: string[]): readonly string[] =>
    printer.lines({ time: Date.now(), sequence: 0, kind: "machine", type, data });
  return [
    ...program.variables.flatMap((variable) => {
      const isRequired = variable.default === undefined;
      const value = typeof variable.default === "string" && !variable.sensitive ? variable.default : shown(variable, variable.default);
      return record("template-variable", variable.name, isRequired ? "" : value, isRequired ? "1" : "0");
    }),
    ...program.builds.flatMap((build) =>
      build.sources.flatMap((source) => [
        ...record("template-builder", buildName(build, source), source.type),
        ...source.provisioners.filter((step) => appliesTo(step, source)).flatMap((step) => record("template-provisioner", step.type)),
      ]),
    ),
  ];
}

function variableLines(variable: VariableDeclaration): string[] {
  const line = `${variable.name} = ${variable.value === undefined ? "(no value)" : shown(variable, variable.value)}`;
  return variable.description === undefined ? [line] : [line, ...indent([variable.description])];
}

function shown({ sensitive }: Pick<VariableDeclaration, "sensitive">, value: unknown): string {
  if (sensitive) return "<sensitive>";
  return value === undefined ? "(no value)" : valueText(value);
}

/** JSON, with a word for what is secret or not known before a run. */
function valueText(value: unknown): string {
  const deferred = deferredOf(value);
  if (deferred !== undefined) return deferred.sensitive ? "<sensitive>" : "<unknown>";
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, item]) => `${JSON.stringify(name)}:${valueText(item)}`)
    .join(",")}}`;
}

function buildLines(build: BuildDeclaration, index: number): string[] {
  return [
    build.name ?? `<unnamed build ${index}>`,
    ...indent([
      ...(build.description === undefined ? [] : [build.description]),
      ...build.sources.flatMap((source) => [`${source.type}.${source.name}`, ...indent(sourceLines(source))]),
    ]),
  ];
}

function sourceLines(source: SourceDeclaration): string[] {
  const provisioners = source.provisioners.filter((step) => appliesTo(step, source));
  const chains = source.postProcessors.map((chain) => chain.filter((step) => appliesTo(step, source))).filter((chain) => chain.length > 0);
  return [
    ...(provisioners.length === 0 ? [] : ["provisioners:", ...indent(provisioners.map(stepText))]),
    ...(source.errorCleanup === undefined ? [] : ["error cleanup:", ...indent([stepText(source.errorCleanup)])]),
    ...(chains.length === 0 ? [] : ["post-processors:", ...indent(chains.map((chain) => chain.map(stepText).join(" → ")))]),
  ];
}

function stepText(step: ProvisionerDeclaration | PostProcessorDeclaration): string {
  return step.name === undefined ? step.type : `${step.type} (${step.name})`;
}

function appliesTo({ only, except }: Pick<ProvisionerDeclaration, "only" | "except">, source: SourceDeclaration): boolean {
  const name = `${source.type}.${source.name}`;
  return only !== undefined && only.length > 0 ? only.includes(name) : !(except ?? []).includes(name);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}
