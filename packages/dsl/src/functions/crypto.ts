// `bcrypt` and `rsadecrypt` (row FUN-08).
import { constants, privateDecrypt } from "node:crypto";
import { numberType, stringType } from "../hcl/eval/type.ts";
import { stringValue } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { bcryptLibrary } from "./libraries.ts";
import { define, lift, readInteger, readText, requireArgument, text, textResult } from "./lift.ts";
import { readRsaKey } from "./rsa-key.ts";

/**
 * The text that was encrypted for the holder of an RSA key (RSAES-PKCS1-v1_5, RFC 8017 §7.2.2). The key is PEM without a passphrase.
 */
export function rsadecrypt(ciphertext: string, privatekey: string): string {
  const plain = ciphertext.replace(/[\r\n]/g, "");
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) throw new FunctionError("the cipher text is not Base64", 0);
  const key = readRsaKey(privatekey, 1);
  // Node answers garbage rather than an error for wrong padding, as a defence, so the padding is taken off here.
  let padded: Buffer;
  try {
    padded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, Buffer.from(plain, "base64"));
  } catch {
    // What OpenSSL says of it would tell an attacker more than its user.
    throw new FunctionError("the cipher text was not encrypted for this key", 0);
  }
  const end = padded.indexOf(0, 2);
  if (padded[0] !== 0 || padded[1] !== 2 || end < 10) throw new FunctionError("the cipher text was not encrypted for this key", 0);
  return padded.subarray(end + 1).toString("utf8");
}

export const cryptoFunctions: readonly HclFunction[] = [
  define({
    name: "bcrypt",
    parameters: [{ name: "string", type: stringType }],
    variadic: { name: "cost", type: numberType },
    impure: true,
    returns: stringType,
    summary: "The bcrypt hash of a password; its cost is 10 unless another is given, at most 18. Every call has a salt of its own.",
    examples: [['bcrypt("hello", 4)', '"$2a$04$wZJDtWkGCtxp/kmUYWmHOOP50BfenFFVhIfoampHL7xgn9R33d.oW"']],
    call(args, environment) {
      if (args.length > 2) throw new FunctionError("bcrypt takes no more than two arguments", 2);
      const password = readText(requireArgument(args, 0));
      const cost = args.length === 1 ? DEFAULT_COST : Number(readInteger(requireArgument(args, 1), "cost", 1));
      if (cost > MOST_COST) {
        throw new FunctionError(
          `cost must be from ${LEAST_COST} to ${MOST_COST}: each step doubles the time, and more would take minutes`,
          1,
        );
      }
      // bcrypt takes no more, and a password must not be cut without a word.
      if (Buffer.byteLength(password) > 72) throw new FunctionError("the password is longer than 72 bytes", 0);
      const bcrypt = bcryptLibrary();
      // Go takes less than the least cost for the default.
      const rounds = String(cost < LEAST_COST ? DEFAULT_COST : cost).padStart(2, "0");
      const salt = bcrypt.encodeBase64(environment.randomBytes(16), 16);
      return stringValue(bcrypt.hashSync(password, `$2a$${rounds}$${salt}`));
    },
  }),
  lift({
    name: "rsadecrypt",
    parameters: [text("ciphertext"), text("privatekey")],
    result: textResult,
    summary: "The text that was encrypted for the holder of an RSA key: Base64, PKCS #1 v1.5.",
    examples: [['rsadecrypt(file("password.base64"), file("id_rsa"))', '"hello"']],
    body: rsadecrypt,
  }),
];

// --- internal ---

const LEAST_COST = 4;
const DEFAULT_COST = 10;
/** bcrypt itself knows up to 31, which would take weeks; passwords in use have 10 to 14. */
const MOST_COST = 18;
