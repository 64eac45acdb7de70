import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, ParsedKey } from "ssh2";

/** One way to log in, with the name that messages give it. */
export interface LoginMethod {
  /** `private key /home/me/.ssh/id`, `password`. */
  readonly name: string;
  /** The protocol's name of the method (RFC 4252): what the server says it accepts. */
  readonly family: "none" | "publickey" | "password" | "keyboard-interactive";
  /** A function where somebody has to be asked first. */
  readonly attempt: AnyAuthMethod | (() => Promise<AnyAuthMethod>);
  readonly isCertified?: boolean | undefined;
}

/** Somebody who answers questions of the server. */
export interface Answerer {
  /** Rejects when nobody can answer. `isSecret` says that the server wants the answer not to be seen. */
  answer(question: string, options: { readonly isSecret: boolean }): Promise<string>;
  /** Called when the answers were of no use. */
  forget(): void;
}

/** A private key, or one with a certificate in place of its public half. */
export interface LoginKey {
  readonly name: string;
  readonly key: ParsedKey;
  readonly isCertified?: boolean | undefined;
}

/** What a user can log in with; the order of the methods is fixed (row CON-02). */
export interface Credentials {
  readonly username: string;
  /** Socket of the agent whose keys are offered first. */
  readonly agentSocket?: string | undefined;
  /** In the order in which they are offered: key file, key of the builder, temporary key. */
  readonly keys: readonly LoginKey[];
  readonly password?: string | undefined;
  /** Answers questions of the server that no password answers. */
  readonly answerer?: Answerer | undefined;
  /** Socket of an agent whose keys are offered after everything else: on reconnection, where it is forwarded (row COM-10). */
  readonly lastAgentSocket?: string | undefined;
}

/** The methods for these credentials, best first. `unanswered` is told when a question of the server could not be asked. */
export function loginMethods(credentials: Credentials, unanswered: (error: unknown) => void): readonly LoginMethod[] {
  const { username, agentSocket, keys, password, answerer, lastAgentSocket } = credentials;
  // Asks the server what it accepts; OpenSSH does not count it as a failure. Lets in where no credentials are needed.
  const methods: LoginMethod[] = [{ name: "none", family: "none", attempt: { type: "none", username } }];
  if (agentSocket !== undefined) methods.push(agentMethod(username, agentSocket));
  for (const { name, key, isCertified } of keys) {
    methods.push({ name, family: "publickey", attempt: { type: "publickey", username, key }, isCertified });
  }
  if (answerer !== undefined) {
    methods.push(
      questionsMethod(username, "answers to its questions", (question, isSecret) => answerer.answer(question, { isSecret }), unanswered),
    );
    const askPassword = async (): Promise<AnyAuthMethod> => {
      return { type: "password", username, password: await answerer.answer(`Password of ${username}:`, { isSecret: true }) };
    };
    methods.push({ name: "password that was asked for", family: "password", attempt: askPassword });
  }
  if (password !== undefined) {
    methods.push({ name: "password", family: "password", attempt: { type: "password", username, password } });
    methods.push(questionsMethod(username, "keyboard-interactive with the password", async () => password, unanswered));
  }
  if (lastAgentSocket !== undefined && agentSocket === undefined) methods.push(agentMethod(username, lastAgentSocket));
  return methods;
}

/** Walks through the methods for ssh2, and knows afterwards what was tried. One per connection. */
export class Login {
  readonly #left: LoginMethod[];
  readonly #unanswered: (error: unknown) => void;
  readonly #tried: string[] = [];
  #offered: readonly string[] = [];

  constructor(methods: readonly LoginMethod[], unanswered: (error: unknown) => void) {
    this.#left = [...methods];
    this.#unanswered = unanswered;
  }

  /** What was tried and what the server would have accepted, for a message. */
  get summary(): string {
    const tried = this.#tried.filter((name) => name !== "none");
    const offers = this.#offered.length === 0 ? "" : `; it accepts ${this.#offered.join(", ")}`;
    return `tried ${tried.length === 0 ? "nothing that it accepts" : tried.join(", ")}${offers}`;
  }

  /** ssh2's `authHandler`. */
  readonly next: AuthHandlerMiddleware = (acceptedOrNull, _partialSuccess, next) => {
    // Null on the first call, whatever the type says.
    const accepted: readonly string[] | null = acceptedOrNull;
    if (accepted !== null) this.#offered = accepted;
    // A server may want several methods one after the other: one it does not accept now is kept for later.
    const index = this.#left.findIndex(({ family }) => accepted === null || accepted.includes(family));
    const [method] = index < 0 ? [] : this.#left.splice(index, 1);
    if (method === undefined) {
      giveUp(next);
      return;
    }
    this.#tried.push(method.name);
    if (typeof method.attempt === "function") method.attempt().then(next, this.#unanswered);
    else next(method.attempt);
  };
}

// --- internal ---

function agentMethod(username: string, agent: string): LoginMethod {
  return { name: "keys of the SSH agent", family: "publickey", attempt: { type: "agent", username, agent } };
}

function questionsMethod(
  username: string,
  name: string,
  answer: (question: string, isSecret: boolean) => Promise<string>,
  unanswered: (error: unknown) => void,
): LoginMethod {
  return {
    name,
    family: "keyboard-interactive",
    attempt: {
      type: "keyboard-interactive",
      username,
      prompt(_name, _instructions, _language, prompts, finish) {
        const answers = (async () => {
          const given: string[] = [];
          // A server that does not say whether the answer may be seen means a password.
          for (const { prompt, echo } of prompts) given.push(await answer(prompt, echo !== true));
          return given;
        })();
        answers.then(finish, unanswered);
      },
    },
  };
}

/** ssh2 takes `false` for "no more methods", which its types do not say. */
function giveUp(next: (method: AuthenticationType) => void): void {
  (next as (method: AuthenticationType | false) => void)(false);
}
