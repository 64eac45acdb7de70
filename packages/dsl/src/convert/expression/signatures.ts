// Types of the functions' parameters and results, as far as code depends on them.
import { boolType, listOf, numberType, stringType, type Type } from "../../hcl/eval/type.ts";

/** The type that HCL converts an argument to; undefined where the function takes several. */
export function parameterType(name: string, index: number): Type | undefined {
  const types = parameters.get(name);
  return types?.[Math.min(index, types.length - 1)];
}

/** The type of the result where it is the same for all arguments. */
export function resultType(name: string): Type | undefined {
  return results.get(name);
}

/** Functions that ask a service: `fn` gives a promise of a secret. */
export const services: ReadonlySet<string> = new Set(["vault", "consul_key", "aws_secretsmanager", "aws_secretsmanager_raw"]);

// --- internal ---

const [s, n] = [stringType, numberType];

const parameters: ReadonlyMap<string, readonly (Type | undefined)[]> = new Map(
  Object.entries({
    abs: [n],
    ceil: [n],
    floor: [n],
    log: [n, n],
    parseint: [s, n],
    pow: [n, n],
    signum: [n],
    chomp: [s],
    endswith: [s, s],
    format: [s, undefined],
    formatlist: [s, undefined],
    indent: [n, s],
    join: [s, undefined],
    lower: [s],
    regex: [s, s],
    regex_replace: [s, s, s],
    regexall: [s, s],
    replace: [s, s, s],
    split: [s, s],
    startswith: [s, s],
    strcontains: [s, s],
    strrev: [s],
    substr: [s, n, n],
    title: [s],
    trim: [s, s],
    trimprefix: [s, s],
    trimspace: [s],
    trimsuffix: [s, s],
    upper: [s],
    base64decode: [s],
    base64encode: [s],
    base64gzip: [s],
    urlencode: [s],
    urldecode: [s],
    textencodebase64: [s, s],
    textdecodebase64: [s, s],
    csvdecode: [s],
    jsondecode: [s],
    yamldecode: [s],
    abspath: [s],
    basename: [s],
    dirname: [s],
    file: [s],
    filebase64: [s],
    fileexists: [s],
    fileset: [s, s],
    pathexpand: [s],
    templatefile: [s, undefined],
    formatdate: [s, s],
    timeadd: [s, s],
    legacy_isotime: [s],
    legacy_strftime: [s],
    rfc3339_parse: [s],
    unix_timestamp_parse: [n],
    bcrypt: [s, n],
    md5: [s],
    rsadecrypt: [s, s],
    sha1: [s],
    sha256: [s],
    sha512: [s],
    uuidv5: [s, s],
    cidrhost: [s, n],
    cidrnetmask: [s],
    cidrsubnet: [s, n, n],
    cidrsubnets: [s, n],
    consul_key: [s],
    vault: [s, s],
    aws_secretsmanager: [s, s],
    aws_secretsmanager_raw: [s],
    lookup: [undefined, s, undefined],
    element: [undefined, n],
    chunklist: [undefined, n],
    range: [n],
    max: [n],
    min: [n],
  }),
);

const results: ReadonlyMap<string, Type> = new Map([
  ...names("abs ceil floor log parseint pow signum sum max min length index", numberType),
  ...names(
    `chomp format indent join lower regex_replace replace strrev substr title trim trimprefix trimspace trimsuffix upper base64decode
     base64encode base64gzip urlencode urldecode textencodebase64 textdecodebase64 jsonencode yamlencode abspath basename dirname file
     filebase64 pathexpand formatdate timeadd timestamp legacy_isotime legacy_strftime bcrypt md5 rsadecrypt sha1 sha256 sha512 uuidv4
     uuidv5 cidrhost cidrnetmask cidrsubnet consul_key vault aws_secretsmanager aws_secretsmanager_raw env`,
    stringType,
  ),
  ...names("endswith startswith strcontains alltrue anytrue contains fileexists", boolType),
  ...names("split formatlist fileset cidrsubnets compact sort keys", listOf(stringType)),
]);

function names(text: string, type: Type): readonly (readonly [string, Type])[] {
  return text.split(/\s+/).map((name) => [name, type]);
}
