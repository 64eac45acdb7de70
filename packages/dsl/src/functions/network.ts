// Functions on address prefixes (row FUN-10).
import { listOf, numberType, stringType } from "../hcl/eval/type.ts";
import { listValue, stringValue } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { addressText, maskOf, type Prefix, parsePrefix, prefixText } from "./ip-prefix.ts";
import { define, integer, lift, readInteger, readText, requireArgument, text, textResult } from "./lift.ts";

/**
 * The address of a host within a network, by its number; negative numbers count from the end.
 *
 * @example cidrhost("10.12.112.0/20", 16) // "10.12.112.16"
 */
export function cidrhost(prefix: string, hostnum: bigint): string {
  const { address, length, bits } = requirePrefix(prefix);
  const size = 1n << BigInt(bits - length);
  if (hostnum >= size || hostnum < -size) throw new FunctionError(`a prefix of ${length} has no host number ${hostnum}`, 1);
  return addressText(address + (hostnum < 0n ? size + hostnum : hostnum), bits);
}

/**
 * The mask of a network as an address.
 *
 * @example cidrnetmask("172.16.0.0/12") // "255.240.0.0"
 */
export function cidrnetmask(prefix: string): string {
  const { length, bits } = requirePrefix(prefix);
  return addressText(maskOf(length, bits), bits);
}

/**
 * A subnet of a network: the prefix grows by some bits, which hold the number of the subnet.
 *
 * @example cidrsubnet("172.16.0.0/12", 4, 2) // "172.18.0.0/16"
 */
export function cidrsubnet(prefix: string, newbits: bigint, netnum: bigint): string {
  const network = requirePrefix(prefix);
  const length = extendedLength(network, newbits, 0n);
  if (netnum < 0n || netnum >= 1n << newbits) throw new FunctionError(`${newbits} more bits have no subnet number ${netnum}`, 2);
  return prefixText({ ...network, address: network.address | (netnum << BigInt(network.bits - length)), length });
}

/**
 * Subnets of a network one after another, each with its own number of additional bits.
 *
 * @example cidrsubnets("10.1.0.0/16", 4n, 8n) // ["10.1.0.0/20","10.1.16.0/24"]
 */
export function cidrsubnets(prefix: string, ...newbits: readonly bigint[]): string[] {
  const network = requirePrefix(prefix);
  const end = network.address + (1n << BigInt(network.bits - network.length));
  let next = network.address;
  return newbits.map((bits, index) => {
    const length = extendedLength(network, bits, 1n, index + 1);
    const size = 1n << BigInt(network.bits - length);
    // A larger subnet starts at a multiple of its size, behind what is taken.
    const address = ((next + size - 1n) / size) * size;
    if (address + size > end) throw new FunctionError(`there is no room left for a subnet with a prefix of ${length} bits`, index + 1);
    next = address + size;
    return prefixText({ ...network, address, length });
  });
}

export const networkFunctions: readonly HclFunction[] = [
  lift({
    name: "cidrhost",
    parameters: [text("prefix"), integer("hostnum")],
    result: textResult,
    summary: "The address of a host within a network, by its number; negative numbers count from the end.",
    examples: [
      ['cidrhost("10.12.112.0/20", 16)', '"10.12.112.16"'],
      ['cidrhost("10.0.0.0/8", -2)', '"10.255.255.254"'],
    ],
    body: cidrhost,
  }),
  lift({
    name: "cidrnetmask",
    parameters: [text("prefix")],
    result: textResult,
    summary: "The mask of a network as an address.",
    examples: [['cidrnetmask("172.16.0.0/12")', '"255.240.0.0"']],
    body: cidrnetmask,
  }),
  lift({
    name: "cidrsubnet",
    parameters: [text("prefix"), integer("newbits"), integer("netnum")],
    result: textResult,
    summary: "A subnet of a network: the prefix grows by some bits, which hold the number of the subnet.",
    examples: [['cidrsubnet("172.16.0.0/12", 4, 2)', '"172.18.0.0/16"']],
    body: cidrsubnet,
  }),
  define({
    name: "cidrsubnets",
    parameters: [{ name: "prefix", type: stringType }],
    variadic: { name: "newbits", type: numberType },
    returns: listOf(stringType),
    summary: "Subnets of a network one after another, each with its own number of additional bits.",
    examples: [['cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)', '["10.1.0.0/20","10.1.16.0/20","10.1.32.0/24","10.1.48.0/20"]']],
    call(args) {
      const newbits = args.slice(1).map((value, index) => readInteger(value, "newbits", index + 1));
      return listValue(stringType, cidrsubnets(readText(requireArgument(args, 0)), ...newbits).map(stringValue));
    },
  }),
];

// --- internal ---

function requirePrefix(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new FunctionError(`"${text}" is not an address with the length of its prefix, as 10.0.0.0/8 is`, 0);
  return prefix;
}

function extendedLength({ length, bits }: Prefix, newbits: bigint, least: bigint, argument = 1): number {
  if (newbits < least) throw new FunctionError(`the prefix must grow by ${least} bits or more, not ${newbits}`, argument);
  if (newbits > 32n) throw new FunctionError("the prefix may not grow by more than 32 bits", argument);
  const extended = length + Number(newbits);
  if (extended > bits) throw new FunctionError(`a prefix of ${length} bits cannot grow by ${newbits}: there are ${bits} bits`, argument);
  return extended;
}
