// Section 3 of the types page: each mistake is an error at its place. The texts and places are compared by the editor's tests.
import { build, data, provision, source, variable } from "tspack";

const ami = data("image", "debian", { family: "debian" });

// @ts-expect-error: an option that does not exist
source("qemu", "a", { iso_chcksum: "x" });
// @ts-expect-error: text for a number
source("qemu", "a", { cpus: "two" });
// @ts-expect-error: a number in a list of texts
source("qemu", "a", { boot_command: ["a", 5] });
// @ts-expect-error: an option that does not exist, in a block
source("amazon-ebs", "a", { launch_block_device_mappings: [{ volum_size: 20 }] });
// @ts-expect-error: a Ref of another type
source("qemu", "a", { cpus: ami.id });
// @ts-expect-error: a common argument that does not exist
provision("shell", { max_retrys: 2 });

const debian = source("amazon-ebs", "debian", {});
const large = debian.with("debian-large", {});
const web = source("amazon-ebs", "web", {});
const base = build({
  sources: [debian, large],
  // @ts-expect-error: a value of the build that does not exist
  provisioners: ({ build }) => [provision("shell", { inline: [build.Hots] })],
});
// @ts-expect-error: a source of another build
base.artifact(web);
// @ts-expect-error: a setting that does not exist
variable("x", { defualt: "a" });
// @ts-expect-error: a Ref in a template literal without t
const text = `x-${ami.id}`;
// @ts-expect-error: a required option is missing
data("http", "x", {});
// @ts-expect-error: an option that does not exist, among those that change
debian.with("other", { regoin: "eu-west-1" });
// @ts-expect-error: an option that does not exist, in an override
provision("shell", { override: { debian: { inlin: [] } } });

export default [base, text];
