import { copyConfig } from "./config.ts";
import { declare } from "./declaration.ts";
import { captureOrigin, report } from "./report.ts";
import { requireConfig } from "./require.ts";

/** Where a build's images are recorded, as HCL's `hcp_packer_registry` says it. */
export interface RegistryConfig {
  /** The bucket; the name of the build unless given. */
  readonly bucket_name?: string | undefined;
  readonly description?: string | undefined;
  readonly bucket_labels?: { readonly [label: string]: string } | undefined;
  readonly build_labels?: { readonly [label: string]: string } | undefined;
  /** Channels that are pointed at the new version. */
  readonly channels?: readonly string[] | undefined;
}

/** Goes into the `registry` of a build. */
export interface Registry {
  readonly kind: "registry";
}

/** Says where the images of a build are recorded. */
export function registry(config: RegistryConfig): Registry {
  const origin = captureOrigin();
  const copy = copyConfig(requireConfig("registry()", config), (path, detail, hint) =>
    report({ code: "TPK1006", summary: "Invalid argument value", detail, hint, where: "in registry()", origin, path }),
  );
  return declare("registry", copy, { kind: "registry" });
}
