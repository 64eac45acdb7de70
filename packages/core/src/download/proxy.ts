// Which proxy a request goes through, by the variables that curl, Go and most others read. Follows Go's
// golang.org/x/net/http/httpproxy in its documented rules, which is what Packer's users have: requests to this machine
// never take a proxy, and NO_PROXY holds names, .names, addresses, networks and ports.
import { BlockList, isIP, isIPv6 } from "node:net";

/** Variables of an environment, by name: a value that is handed on, never the process's own. */
export type Environment = { readonly [name: string]: string | undefined };

/** The proxy for a request, or undefined to connect directly. Schemes: http, https, socks5, socks5h. */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const host = withoutBrackets(url.hostname);
  if (isThisMachine(host) || isExcluded(host, portOf(url), read(environment, "no_proxy"))) return undefined;
  const text = read(environment, url.protocol === "https:" ? "https_proxy" : "http_proxy");
  if (text === "") return undefined;
  const withScheme = /^[a-z][a-z0-9]*:\/\//i.test(text) ? text : `http://${text}`;
  return URL.canParse(withScheme) ? new URL(withScheme) : undefined;
}

function read(environment: Environment, name: string): string {
  return (environment[name.toUpperCase()] || environment[name] || "").trim();
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function isExcluded(host: string, port: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .some((entry) => matches(host, port, entry));
}

function matches(host: string, port: string, entry: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isInNetwork(host, entry);
  const [, name = entry, onlyPort] = isIPv6(entry) ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const wanted = withoutBrackets(name);
  if (isIP(wanted) !== 0) return wanted === host;
  // "example.org" also means what is below it; ".example.org" and "*.example.org" mean only that.
  const below = wanted.replace(/^\*(?=\.)/, "");
  if (below.startsWith(".")) return host.endsWith(below);
  return host === below || host.endsWith(`.${below}`);
}

function isInNetwork(host: string, entry: string): boolean {
  const [network = "", bits = ""] = entry.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0 || isIP(host) !== isIP(network) || !/^\d+$/.test(bits) || Number(bits) > (family === "ipv6" ? 128 : 32))
    return false;
  const networks = new BlockList();
  networks.addSubnet(network, Number(bits), family);
  return networks.check(host, family);
}

/** The port of a URL, also where it is its scheme's own. */
export function portOf(url: URL): string {
  if (url.port !== "") return url.port;
  return url.protocol === "https:" ? "443" : url.protocol === "http:" ? "80" : "1080";
}

/** A URL's host as a socket wants it: IPv6 addresses without brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
