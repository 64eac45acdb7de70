// Writes docs/functions.md from what the functions say of themselves. usage: generate-function-docs.ts [--check]
// With --check it writes nothing and fails when the page is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HclFunction } from "../packages/dsl/src/functions/function.ts";
import { hclFunctions, variableDefaultFunctions } from "../packages/dsl/src/functions/table.ts";

const page = fileURLToPath(new URL("../docs/functions.md", import.meta.url));

const groups: { readonly [title: string]: string } = {
  Numbers: "abs ceil floor log max min parseint pow signum sum",
  Text:
    "chomp endswith format formatlist indent join lower regex regex_replace regexall replace split startswith strcontains strrev substr " +
    "title trim trimprefix trimspace trimsuffix upper urlencode",
  "Lists, maps and sets":
    "alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element flatten index keys length lookup merge " +
    "range reverse setintersection setproduct setunion slice sort values zipmap",
  "Types and errors": "convert try can",
  "Encodings and data formats":
    "base64encode base64decode base64gzip textencodebase64 textdecodebase64 csvdecode jsondecode jsonencode yamldecode yamlencode",
  Files: "abspath basename dirname file filebase64 fileexists fileset pathexpand templatefile",
  "Date and time": "formatdate timeadd timestamp legacy_isotime legacy_strftime rfc3339_parse unix_timestamp_parse",
  "Hashes, keys and identifiers": "bcrypt md5 rsadecrypt sha1 sha256 sha512 uuidv4 uuidv5",
  Networks: "cidrhost cidrnetmask cidrsubnet cidrsubnets",
  "Environment and services": "env vault consul_key aws_secretsmanager aws_secretsmanager_raw",
};

const introduction = `# Functions

The functions of HCL templates, 103 of them and \`env\`. In a template they are called by their names, in TypeScript as methods of \`fn\`:

\`\`\`ts
const address = fn.cidrhost("10.0.0.0/24", 5);
const userData = fn.templatefile("user-data.pkrtpl.hcl", { hostname: "web", address });
const day = fn.formatdate("YYYY-MM-DD", fn.timestamp());
\`\`\`

TypeScript has a way of its own for most of them: \`text.toUpperCase()\`, \`{ ...a, ...b }\`, \`list.flat()\`. \`fn\` is for programs that
[come from a template](#from-a-template), and for what JavaScript does not have at hand: networks, template files, Go's formats, secrets
from services.

- **Values known later** do not go into a function but through it: \`page.body.map((text) => fn.trimspace(text))\`, and with more than one
  \`all([a, b]).map(([x, y]) => fn.join("-", [x, y]))\`. A Ref as an argument is the error TPK1007.
- **Services** (\`vault\`, \`consul_key\`, \`aws_secretsmanager\`) answer with a promise of a Secret: \`const token = await fn.vault("secret/data/ci",
  "token")\`.
- **Paths**: relative ones start in the folder of the template or \`image.ts\`; those of \`filebase64\` and \`abspath\` in the working directory.
- **Clock**: \`SOURCE_DATE_EPOCH\` (seconds since 1970) fixes \`timestamp\` and its like, and what \`uuidv4\` and \`bcrypt\` take from chance.
- **Errors** of arguments are TPK2103 and name function and argument.
- **Loading**: the functions are loaded with the first call; a program that calls none pays nothing for them.

## From a template

Packer's functions keep their names and arguments. Where TypeScript writes something in another way:

| HCL | TypeScript |
|---|---|
| \`convert(x, list(string))\` | \`fn.convert(x, "list(string)")\` |
| \`try(local.a.b, "none")\` | \`fn.try(() => a.b, "none")\` |
| \`can(local.a.b)\` | \`fn.can(() => a.b)\` |
| \`f(list...)\` | \`fn.f(...list)\` |
| \`vault("path", "key")\` | \`await fn.vault("path", "key")\` |
| \`env("NAME")\`, in a variable's default only | \`fn.env("NAME")\`, or \`process.env.NAME\`, anywhere |

Numbers that JavaScript cannot hold exactly, such as \`pow(2, 64)\`, are exact in HCL and the nearest number in TypeScript. Functions that
Terraform has and Packer has not (\`tolist\`, \`filemd5\`, \`one\`, …) do not exist here either.

## Services

| function | reads from the environment |
|---|---|
| \`vault\` | \`VAULT_ADDR\`, \`VAULT_TOKEN\` (needed), \`VAULT_NAMESPACE\`, \`VAULT_CACERT\`, \`VAULT_CLIENT_CERT\`, \`VAULT_CLIENT_KEY\`, \`VAULT_TLS_SERVER_NAME\`, \`VAULT_SKIP_VERIFY\`, \`VAULT_CLIENT_TIMEOUT\` |
| \`consul_key\` | \`CONSUL_HTTP_ADDR\`, \`CONSUL_HTTP_TOKEN\` or \`CONSUL_HTTP_TOKEN_FILE\`, \`CONSUL_HTTP_AUTH\`, \`CONSUL_HTTP_SSL\`, \`CONSUL_HTTP_SSL_VERIFY\`, \`CONSUL_CACERT\`, \`CONSUL_CLIENT_CERT\`, \`CONSUL_CLIENT_KEY\`, \`CONSUL_TLS_SERVER_NAME\`, \`CONSUL_NAMESPACE\`, \`CONSUL_PARTITION\` |
| \`aws_secretsmanager\`, \`aws_secretsmanager_raw\` | \`AWS_REGION\` or \`AWS_DEFAULT_REGION\`, \`AWS_ACCESS_KEY_ID\`, \`AWS_SECRET_ACCESS_KEY\`, \`AWS_SESSION_TOKEN\`, \`AWS_PROFILE\`, \`AWS_SHARED_CREDENTIALS_FILE\`, \`AWS_CONFIG_FILE\`, \`AWS_ENDPOINT_URL_SECRETS_MANAGER\`, \`AWS_ENDPOINT_URL\`, and the roles of containers and instances |

Answers are sensitive: they are hidden in logs and reports. Each question is asked once per load. Profiles that need a program or a login
(\`credential_process\`, \`role_arn\`, SSO) are not supported; \`aws configure export-credentials\` turns them into keys.
`;

/** The page: how to call functions, then one table per group. */
export function functionPage(): string {
  const functions = new Map([...hclFunctions(), ...variableDefaultFunctions()]);
  const sections = Object.entries(groups).map(([title, names]) => {
    const rows = names.split(" ").map((name) => {
      const known = functions.get(name);
      if (known === undefined) throw new Error(`there is no function ${name}`);
      functions.delete(name);
      return row(known);
    });
    return [`## ${title}`, "", "| function | gives | example |", "|---|---|---|", ...rows].join("\n");
  });
  if (functions.size > 0) throw new Error(`in no group: ${[...functions.keys()].join(", ")}`);
  return `${introduction}\n${sections.join("\n\n")}\n\nThis page is made by \`npm run docs:functions\`; the examples are run as tests.\n`;
}

function row({ name, doc }: HclFunction): string {
  if (doc === undefined) throw new Error(`${name} is not documented`);
  const examples = doc.examples.map(({ code, result }) => `\`${cell(code)}\` is \`${cell(shortened(result))}\``);
  return `| \`${cell(doc.signature)}\` | ${cell(doc.summary)} | ${examples.join("<br>")} |`;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function shortened(text: string): string {
  return text.length > 70 ? `${text.slice(0, 67)}...` : text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes("--check")) writeFileSync(page, functionPage());
  else if (readFileSync(page, "utf8") !== functionPage()) {
    console.error("docs/functions.md is out of date: run `npm run docs:functions`");
    process.exitCode = 1;
  }
}
