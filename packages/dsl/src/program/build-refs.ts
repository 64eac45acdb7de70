import { inspect } from "node:util";
import { TspackError } from "@tspack/core";
import type { GeneratedData } from "./components.ts";
import { dependencyRef } from "./ref.ts";
import type { Ref, Refs } from "./ref-types.ts";

/** Values of the running build that every builder with a machine announces (rows GEN-01..06). */
export interface BuildData {
  /** What the builder calls the machine. */
  readonly ID: string;
  /** Address of the machine. */
  readonly Host: string;
  /** Port of the communicator. */
  readonly Port: number;
  /** User that the communicator logs in as. */
  readonly User: string;
  /** Password that the communicator logs in with. */
  readonly Password: string;
  /** `ssh`, `winrm` or `none`. */
  readonly ConnType: string;
  /** Identifies the run. */
  readonly PackerRunUUID: string;
  /** Address of the builder's HTTP server, as the machine sees it. */
  readonly PackerHTTPIP: string;
  /** Port of the builder's HTTP server. */
  readonly PackerHTTPPort: number;
  /** Address and port of the builder's HTTP server. */
  readonly PackerHTTPAddr: string;
  /** Public key, in OpenSSH's format. */
  readonly SSHPublicKey: string;
  /** Private key, PEM. */
  readonly SSHPrivateKey: string;
  /** Kept for compatibility. */
  readonly WinRMPassword: string;
}

/** The running build's values for a builder: the common ones, what `GeneratedData` adds, and `get` for all others. */
export type BuildRefs<T> = Refs<BuildData> &
  (T extends keyof GeneratedData ? Refs<GeneratedData[T]> : unknown) & {
    /** A value that this builder announces but no type knows: `build.get("SourceAMI")`. Checked when the build is prepared. */
    // biome-ignore lint/suspicious/noExplicitAny: what kind of value it is, only the builder knows
    get(name: string): Ref<any>;
  };

/** What functions given to `build` are called with as `build`. It is the same for all: a Ref says where to look, not in which build. */
export function buildRefs<T>(): BuildRefs<T> {
  const known = new Map<string, unknown>();
  const get = (name: string): unknown => {
    let ref = known.get(name);
    if (ref === undefined) {
      ref = dependencyRef(`build.${name}`, { kind: "build", path: [name] });
      known.set(name, ref);
    }
    return ref;
  };
  const misused = (): never => {
    throw new TspackError("build was used as a value: use one of its values, such as build.Host", { code: "TPK1007" });
  };
  const target = Object.create(null, { [inspect.custom]: { value: () => "build" } });
  return new Proxy(target, {
    get(_target, key) {
      if (typeof key === "symbol") return key === Symbol.toPrimitive || key === Symbol.iterator ? misused : undefined;
      switch (key) {
        case "get":
          return get;
        case "toString":
        case "valueOf":
        case "toJSON":
          return misused;
        case "then":
        case "constructor":
          return undefined;
        default:
          return get(key);
      }
    },
    ownKeys: misused,
    set: misused,
  });
}
