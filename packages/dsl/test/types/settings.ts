// Section 6 of the types page, under `exactOptionalPropertyTypes` and `noUncheckedIndexedAccess`.
import { type BuilderConfig, build, provision, type Ref, source } from "tspack";

declare const flag: boolean;

source("qemu", "a", { iso_url: flag ? "x" : undefined });
source("qemu", "a", { ...(flag ? { iso_url: "x" } : {}), ...(flag && { cpus: 2 }) });
// @ts-expect-error: beside a spread, keys are checked
source("qemu", "a", { ...(flag ? { iso_url: "x" } : {}), cpsu: 2 });
// @ts-expect-error: null is not a way to leave an option out
source("qemu", "a", { iso_url: null });

export const shared = { ssh_username: "debian", cpus: 2 } satisfies BuilderConfig<"qemu">;
source("qemu", "a", shared);
source("qemu", "a", { ...shared, disk_size: "40G" });
// @ts-expect-error: `satisfies` checks a configuration where it is written
export const wrong = { ssh_usrname: "debian" } satisfies BuilderConfig<"qemu">;

const debian = source("amazon-ebs", "debian", {});
const artifact = build({ sources: [debian] }).artifact(debian);
// @ts-expect-error: an index may not be there
export const indexed: Ref<string> = artifact.amis["eu-west-1"];
export const got: Ref<string> = artifact.amis.get("eu-west-1");

const lists = { inline: ["a", "b"] } as const;
provision("shell", lists);
provision("shell", { inline: [...lists.inline, artifact.id], only: [debian, "qemu.other"], override: { [debian.name]: { inline: [] } } });
