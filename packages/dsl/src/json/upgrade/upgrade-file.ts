import { resolve } from "node:path";
import { builtInCatalog, type Diagnostic, hasErrors } from "@tspack/core";
import { readTemplateText } from "../read-template.ts";
import { readSourceFile } from "../source-file.ts";
import { upgradeTemplate } from "./upgrade.ts";

/** What came of upgrading a file. */
export interface FileUpgrade {
  /** The template in HCL; undefined when the file is no legacy JSON template. */
  readonly text: string | undefined;
  /** Everything that should be looked at. An error beside a text means that something in it is left to the user. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Where the file is found, and how it is written. */
export interface FileUpgradeOptions {
  /** Absolute. */
  readonly workingDirectory: string;
  /** Write comments that explain the parts. */
  readonly annotations?: boolean | undefined;
}

/** Reads a legacy JSON template and writes it as HCL, as text: `tspack hcl2_upgrade`. Evaluates nothing. */
export function upgradeFile(path: string, { workingDirectory, annotations = false }: FileUpgradeOptions): FileUpgrade {
  const file = readSourceFile(resolve(workingDirectory, path), workingDirectory);
  if (hasErrors(file.diagnostics)) return { text: undefined, diagnostics: file.diagnostics };
  const { template, diagnostics } = readTemplateText(file.source);
  if (template === undefined || hasErrors(diagnostics)) return { text: undefined, diagnostics };
  const builders = builtInCatalog().names("builder");
  const upgraded = upgradeTemplate(template, { annotations, isBuiltIn: (type) => builders.includes(type) });
  return { text: upgraded.text, diagnostics: [...diagnostics, ...upgraded.diagnostics] };
}
