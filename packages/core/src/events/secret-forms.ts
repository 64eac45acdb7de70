// In which forms a secret can show up in output. Row SEC-02 names the first two; the encodings go beyond Packer.

/** Encoded pieces shorter than this would match ordinary text. */
const SHORTEST_ENCODED = 4;
/** Lines of a secret shorter than this are not hidden on their own. */
const SHORTEST_LINE = 3;
/** Column widths at which `base64` and PEM break lines. */
const BASE64_COLUMNS = [76, 64];

/**
 * The texts to hide for a secret: itself, with normalised line ends, each line of it, and each of those quoted for a shell,
 * escaped for JSON, encoded for a URL and in base64 at any place of a longer encoded text.
 */
export function secretForms(secret: string): Set<string> {
  const plain = new Set<string>([secret]);
  const normalised = secret.replace(/\r\n?/g, "\n");
  plain.add(normalised);
  // Output loses white space at the end of lines, and programs drop what a file has around its value.
  plain.add(normalised.trim());
  const lines = normalised.split("\n");
  if (lines.length > 1) {
    // Packer hides every line. One without a letter or digit ("}" of a JSON key file), or of one or two characters, tells nothing,
    // and hiding it would garble everything else.
    for (const line of lines)
      if (line.trim().length >= SHORTEST_LINE && /[\p{L}\p{N}]/u.test(line)) for (const form of [line, line.trim()]) plain.add(form);
  }
  plain.delete("");
  const forms = new Set<string>(plain);
  for (const text of plain) {
    for (const form of [...shellForms(text), ...jsonForms(text), ...urlForms(text)]) forms.add(form);
    for (const form of base64Forms(text)) if (form.length >= SHORTEST_ENCODED) forms.add(form);
  }
  return forms;
}

/** Inside `'…'` (both ways to write a quote), `"…"` and `$'…'`. */
function shellForms(text: string): string[] {
  const dollar = text.replace(/[\\']/g, "\\$&");
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replace(/[\\"$`]/g, "\\$&"),
    text.replace(/[^\w@%+=:,./-]/g, "\\$&"),
    dollar.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t"),
  ];
}

/** As JSON writes it, also with Go's escapes for HTML, and escaped twice (JSON in JSON). */
function jsonForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const go = json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
  return [json, go, json.replaceAll("/", "\\/"), JSON.stringify(json).slice(1, -1)];
}

/** Percent encoding: of everything, of what a path or query needs, with `+` for spaces, in both cases of hex digits. */
function urlForms(text: string): string[] {
  // Half a surrogate pair cannot be encoded.
  const valid = text.replace(/\p{Surrogate}/gu, "\uFFFD");
  const component = encodeURIComponent(valid);
  const strict = component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [component, strict, encodeURI(valid), strict.replaceAll("%20", "+"), strict.replaceAll("~", "%7E").replaceAll("%20", "+")];
  return forms.flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (encoded) => encoded.toLowerCase())]);
}

/** All three positions relative to base64's groups of three bytes, with and without the end of the data, in both alphabets. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text, "utf8");
  const forms: string[] = [];
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const unpadded = encoded.replace(/=+$/, "");
    // Characters that also hold bits of what stands before or after the secret differ from text to text.
    const skip = shift === 0 ? 0 : shift + 1;
    const certain = Math.floor(((shift + bytes.length) * 8) / 6);
    forms.push(unpadded.slice(skip, certain), unpadded.slice(skip), encoded.slice(skip));
    if (shift > 0) continue;
    for (const columns of BASE64_COLUMNS) {
      if (encoded.length <= columns) continue;
      for (let start = 0; start < encoded.length; start += columns) forms.push(encoded.slice(start, start + columns));
    }
  }
  return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}
