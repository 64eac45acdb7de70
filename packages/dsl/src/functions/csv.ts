// `csvdecode` (row FUN-05): RFC 4180 with Go's additions (encoding/csv): blank lines are left out, a quote stands in quoted fields only.
import { dynamicType, objectOf, stringType } from "../hcl/eval/type.ts";
import { listValue, objectValue, stringValue } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { define, readText, requireArgument } from "./lift.ts";

export const csvFunctions: readonly HclFunction[] = [
  define({
    name: "csvdecode",
    parameters: [{ name: "string", type: stringType }],
    returns: dynamicType,
    summary: "A list of objects, one for each line of CSV text; the first line names the attributes.",
    examples: [['csvdecode("name,size\\nroot,10\\nhome,20\\n")', '[{"name":"root","size":"10"},{"name":"home","size":"20"}]']],
    call(args) {
      const [header, ...records] = readRecords(readText(requireArgument(args, 0)));
      if (header === undefined) throw new FunctionError("the line with the names of the columns is missing", 0);
      const names = header.fields;
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice !== undefined) throw new FunctionError(`there are two columns with the name "${twice}"`, 0);
      const rows = records.map(({ fields, line }) => {
        if (fields.length !== names.length) {
          throw new FunctionError(`line ${line} has ${fields.length} fields, but there are ${names.length} columns`, 0);
        }
        return objectValue(new Map(names.map((name, index) => [name, stringValue(fields[index] ?? "")])));
      });
      return listValue(objectOf(new Map(names.map((name) => [name, stringType]))), rows);
    },
  }),
];

// --- internal ---

interface Record {
  readonly fields: readonly string[];
  /** Of its start, from 1. */
  readonly line: number;
}

function readRecords(source: string): Record[] {
  const text = source.replaceAll("\r\n", "\n");
  const records: Record[] = [];
  let position = 0;
  let line = 1;
  while (position < text.length) {
    if (text[position] === "\n") {
      position += 1;
      line += 1;
      continue;
    }
    const { fields, end, lines } = readRecord(text, position, line);
    records.push({ fields, line });
    position = end;
    line += lines;
  }
  return records;
}

/** One record and the offset behind its line end. */
function readRecord(text: string, start: number, line: number): { fields: string[]; end: number; lines: number } {
  const fields: string[] = [];
  let position = start;
  let lines = 1;
  for (;;) {
    const isQuoted = text[position] === '"';
    const pattern = isQuoted ? /"([^"]*(?:""[^"]*)*)"(?=[,\n]|$)/y : /([^,\n]*)/y;
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    if (found === null) throw new FunctionError(`on line ${line}, a quoted field does not end, or a quote in it is not doubled`, 0);
    const [all, content = ""] = found;
    if (!isQuoted && content.includes('"')) {
      throw new FunctionError(`on line ${line}, a quote stands in a field that is not quoted as a whole`, 0);
    }
    lines += content.split("\n").length - 1;
    fields.push(isQuoted ? content.replaceAll('""', '"') : content);
    position += all.length;
    if (text[position] !== ",") return { fields, end: position + 1, lines };
    position += 1;
  }
}
