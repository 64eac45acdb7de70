// What goes wrong in a conversation, as errors: faults in Windows' own words (DSP0226 §14, MS-WSMV §2.2.4.43), refused logins, lost connections.
import { CommunicatorError } from "../../diagnostics/error.ts";
import { namespaces } from "./soap.ts";
import { allText, findElement, type XmlElement } from "./xml.ts";

/** The machine answered that it cannot do what was asked. */
export class WinrmFault extends CommunicatorError {
  /** Windows' number for it (WSManFault/@Code), or 0. */
  readonly number: number;

  constructor(message: string, number: number) {
    super(message, { code: number === FaultNumber.ACCESS_DENIED ? "TPK5002" : "TPK5004", hint: hints[number] });
    this.number = number;
  }

  /** Nothing happened in the time that the machine was given: ask again. */
  get isTimeout(): boolean {
    return this.number === FaultNumber.TIMED_OUT;
  }

  /** The shell went away, as it does when the machine restarts. */
  get isShellGone(): boolean {
    return goneNumbers.includes(this.number);
  }
}

/** The connection is gone, or nothing came over it for too long. */
export class ConnectionLost extends CommunicatorError {
  constructor(where: string, reason: string, cause?: unknown) {
    super(`the connection to ${where} was lost: ${reason}`, { code: "TPK5004", cause });
  }
}

/** The fault in an answer; undefined when there is none. */
export function findFault(answer: XmlElement): WinrmFault | undefined {
  const fault = findElement(answer, namespaces.soap, "Fault");
  if (fault === undefined) return undefined;
  const detail = findElement(fault, namespaces.fault, "WSManFault");
  const message = findElement(detail, namespaces.fault, "Message");
  const reason = findElement(findElement(fault, namespaces.soap, "Reason"), namespaces.soap, "Text");
  const words = [message, detail, reason].map((element) => (element === undefined ? "" : allText(element))).find((text) => text !== "");
  const number = detail?.attributes.get("Code") ?? "";
  return new WinrmFault(
    `the machine says: ${(words ?? "(nothing)").replace(/\.$/, "").slice(0, LONGEST_WORDS)}`,
    /^[0-9]{1,10}$/.test(number) ? Number(number) : 0,
  );
}

/** What was sent with an answer of 401. */
export interface RefusedLogin {
  readonly user: string;
  readonly usesNtlm: boolean;
  readonly usesTls: boolean;
  /** The schemes that the machine takes, as it says. */
  readonly offered: readonly string[];
}

/** A login that was refused, and whether that is due to the password or to the way of logging in. */
export function refusedLogin({ user, usesNtlm, usesTls, offered }: RefusedLogin): CommunicatorError {
  const isOffered = offered.some((scheme) => (usesNtlm ? /^(negotiate|ntlm)$/i : /^basic$/i).test(scheme));
  if (isOffered) {
    const isOfDomain = !usesNtlm && /[\\@]/.test(user);
    return new CommunicatorError(`the machine refused the credentials of ${JSON.stringify(user)}`, {
      code: "TPK5002",
      hint: isOfDomain
        ? "Basic authentication knows users of the machine alone, and none of a domain: set winrm_use_ntlm."
        : "Check winrm_username and winrm_password. The user has to be an administrator of the machine, and must not be locked or have to change the password.",
    });
  }
  const wanted = usesNtlm ? "NTLM" : `basic authentication${usesTls ? "" : " over plain HTTP"}`;
  const list = offered.length === 0 ? "nothing else" : offered.join(", ");
  return new CommunicatorError(`the machine does not take ${wanted}; it offers ${list}`, {
    code: "TPK5002",
    hint: usesNtlm ? offerNtlm : usesTls ? `${offerBasic}.` : `${offerBasic} and winrm set winrm/config/service @{AllowUnencrypted="true"}`,
  });
}

/** An answer that is none of WinRM's: there is something else, or something before it. */
export function noWinrm(where: string, status: number): CommunicatorError {
  if (status === 407) {
    const hint = "Give them in HTTP_PROXY or HTTPS_PROXY, as in http://user:password@proxy:3128. winrm_no_proxy goes past the proxy.";
    return new CommunicatorError(`the proxy on the way to ${where} wants credentials`, { code: "TPK5001", hint });
  }
  if (status >= 502 && status <= 504) {
    return new CommunicatorError(`WinRM is not available on ${where}: HTTP status ${status}`, { code: "TPK5001" });
  }
  return new CommunicatorError(`${where} does not talk WinRM: it answered with HTTP status ${status}`, {
    code: "TPK5001",
    hint: "Check winrm_port: 5985 is WinRM over HTTP, 5986 over HTTPS.",
  });
}

// --- internal ---

const FaultNumber = {
  ACCESS_DENIED: 5,
  TIMED_OUT: 2_150_858_793,
  TOO_MANY_SHELLS: 2_150_859_173,
  TOO_MANY_OPERATIONS: 2_150_859_174,
} as const;

/**
 * ERROR_WSMAN_UNEXPECTED_SELECTORS ("the shell was not found"), and what a service that is being stopped answers: ERROR_OPERATION_ABORTED,
 * ERROR_SHUTDOWN_IN_PROGRESS, RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED.
 */
const goneNumbers: readonly number[] = [2_150_858_843, 995, 1_115, 1_722, 1_726];

const LONGEST_WORDS = 1_000;

const quota = "Other sessions of this user may be open. Raise it on the machine, in cmd: winrm set winrm/config/winrs";
const hints: { readonly [number: number]: string } = {
  [FaultNumber.ACCESS_DENIED]:
    "The user has to be an administrator. Local accounts other than Administrator also need the registry value LocalAccountTokenFilterPolicy = 1 on the machine.",
  [FaultNumber.TOO_MANY_SHELLS]: `${quota} @{MaxShellsPerUser="30"}`,
  [FaultNumber.TOO_MANY_OPERATIONS]: `${quota} @{MaxProcessesPerShell="25"}`,
};

const offerBasic = 'Set winrm_use_ntlm, or allow it on the machine, in cmd: winrm set winrm/config/service/auth @{Basic="true"}';
const offerNtlm = 'Leave out winrm_use_ntlm, or allow it on the machine, in cmd: winrm set winrm/config/service/auth @{Negotiate="true"}';
