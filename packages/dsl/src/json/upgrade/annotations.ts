// What `-with-annotations` writes above the parts of an upgraded template (row FLG-32).

/** Above everything. */
export const fileNote = `Made from a legacy JSON template. Read it once before it is used: names, types and the order of
blocks are those that the old format allowed. Blocks may be moved to other files of this folder
whose names end in .pkr.hcl; all of them are read as one.

Text in {{ }} is a Go template, which the component that gets the text renders. HCL's own expressions
stand in \${ } and are computed first: neither sees the result of the other.`;

/** Above the variables. */
export const variablesNote = `Legacy templates know text alone, so every variable is of type string. The types can be
made stricter now: number, bool, list(string) and others.`;

/** Above data sources made from calls of aws_secretsmanager. */
export const awsSecretsNote = "Each call of aws_secretsmanager became a data source, which is asked once.";

/** Above data sources made from AMI filters. */
export const amiFiltersNote = "Each source_ami_filter became a data source; its id is what source_ami refers to.";

/** Above the local that stands for the time. */
export const timestampNote = "Stands for {{timestamp}}: digits of the time in place of seconds since 1970.";

/** Above locals that were variables. */
export const localsNote =
  "These were variables with calls in their text, which a variable in HCL cannot have. Values can no longer be set from outside.";

/** Above the sources. */
export const sourcesNote = "Builders. A source is used where a build block names it.";

/** Above the build. */
export const buildNote = "What is done with the sources: provisioners in this order, post-processors on what comes of it.";

/** Above a block in which calls stayed Go templates (row UPG-15). */
export function manualNote(calls: readonly string[]): string {
  return calls.map((call) => `The call of ${call} was left as a Go template. ${advice[call] ?? cleanAdvice}`).join("\n");
}

// --- internal ---

const cleanAdvice = 'In HCL: regex_replace(text, "[^a-zA-Z0-9-]", "-"), with the characters that the name may have.';

const advice: { readonly [call: string]: string | undefined } = {
  lower: "In HCL: lower(text).",
  upper: "In HCL: upper(text).",
  split: "In HCL: split(separator, text)[index].",
  replace: "In HCL: replace(text, old, new), which replaces all.",
  replace_all: "In HCL: replace(text, old, new).",
};
