// What the functions give: the tables of the types page, and that everything of its examples compiles.
import {
  type AnyConfig,
  type ArtifactRef,
  build,
  data,
  isRef,
  matrix,
  type ObjectRef,
  packer,
  packerVersion,
  path,
  postProcess,
  provision,
  type Ref,
  registry,
  resolved,
  type Secret,
  type Source,
  secret,
  source,
  t,
  type UntypedRef,
  variable,
} from "tspack";
import * as z from "zod";
import type { ImageOutput } from "./plugins.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only if the value has exactly this type. */
function is<Expected>() {
  return <Actual>(_value: Actual, ..._same: Same<Actual, Expected> extends true ? [] : [never]): void => {};
}
declare const condition: boolean;

is<string>()(variable("release"));
is<string>()(variable("release", { default: "x" }));
is<number>()(variable("n", { default: 2 }));
is<string[]>()(variable("n", { default: ["a"] }));
is<{ a: number }>()(variable("n", { default: { a: 1 } }));
is<number>()(variable("cpus", z.coerce.number().default(2)));
is<number>()(variable("cpus", { schema: z.coerce.number().int().min(1), default: 2, description: "CPUs" }));
is<"a" | "b">()(variable("choice", z.enum(["a", "b"])));
is<string | undefined>()(variable("maybe", z.string().optional()));
is<Secret<string>>()(variable("token", { sensitive: true }));
is<Secret<string[]>>()(variable("tokens", { schema: z.string().array(), sensitive: true }));
is<string | undefined>()(variable<string | undefined>("key", { default: undefined }));
is<string | Secret<string>>()(variable("perhaps", { sensitive: condition }));

const ami = data("image", "debian", { family: "debian" });
is<ObjectRef<ImageOutput>>()(ami);
is<Ref<string>>()(ami.id);
is<Ref<string>>()(ami.description);
is<Ref<string>>()(ami.tags.name);
is<Ref<string>>()(ami.files.get(0));
is<Ref<number>>()(ami.files.map((files) => files.length));
is<UntypedRef>()(data("unknown", "x", { anything: [1, {}] }));
is<Promise<string>>()(resolved(ami.id));
is<Secret<string>>()(secret("x"));
is<string>()(secret("x").reveal());
is<Ref<string>>()(t`${ami.id} ${1} ${true} ${secret("x")}`);
is<string>()(packerVersion);
is<string>()(`${path.root}/${path.cwd}`);
packer({ required_version: ">= 0.1" });

// A component without types takes any record, and may be configured with Refs.
export const config: AnyConfig = { a: 1 };
const other = source("other", "x", { anything: ami.id, list: [t`x`] });
is<Source<"other", "x">>()(other);

const debian = source("qemu", "debian", { iso_url: ami.id, cpus: ami.size, boot_command: ["a", ami.id], disk_image: true });
is<Source<"qemu", "debian">>()(debian);
const large = debian.with("large", { disk_size: "40G", cpus: undefined });
is<Source<"qemu", "large">>()(large);
const cloud = source("amazon-ebs", "cloud", {
  source_ami_filter: { owners: ["self"], most_recent: true },
  launch_block_device_mappings: [{ volume_size: 20 }],
  run_tags: { name: ami.tags.name },
  ami_users: ami.files,
});

const base = build({
  name: "base",
  sources: [debian, cloud],
  registry: registry({ bucket_name: "images" }),
  provisioners: ({ build, source }) => {
    is<Source<"qemu", "debian"> | Source<"amazon-ebs", "cloud">>()(source);
    is<Ref<string>>()(build.Host);
    is<Ref<number>>()(build.Port);
    return [
      provision("shell", { inline: [t`${source.name} ${build.Host}`, build.get("Other")] }),
      source.type === "qemu" && provision("file", { content: source.name, destination: "/etc/name" }),
      condition && provision("other", { any: [build.Host] }),
      null,
    ];
  },
  errorCleanup: ({ source }) => provision("shell-local", { inline: [source.name] }),
  postProcessors: [
    condition && postProcess("manifest", { output: "m.json", keep_input_artifact: true, only: [debian] }),
    [postProcess("compress", { name: "zip" }), condition && postProcess("checksum", {})],
  ],
});
build({ sources: [cloud], provisioners: ({ build }) => [provision("shell", { inline: [build.SourceAMI] })] });
// The functions are typed from `sources` wherever it stands.
build({ postProcessors: ({ source }) => [postProcess("manifest", { output: source.type })], sources: [debian] });

is<ArtifactRef<"qemu">>()(base.artifact(debian));
is<Ref<string>>()(base.artifact(debian).file(/qcow2$/));
is<Ref<readonly string[]>>()(base.artifact(cloud).files);
source("qemu", "child", { iso_url: base.artifact(debian).file("*.qcow2") });

const sources = matrix({ release: ["bookworm", "trixie"], cpus: [1, 2] }, ({ release, cpus }) => {
  is<"bookworm" | "trixie">()(release);
  is<1 | 2>()(cpus);
  return source("qemu", `${release}-${cpus}`, { cpus });
});
build({ sources }).artifact(source("qemu", "trixie-2", {}));

const value: unknown = ami;
if (isRef(value)) value.map((inner) => inner);
