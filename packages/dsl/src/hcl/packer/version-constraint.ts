// Version constraints as Packer's templates write them; core chooses plugins by them.
export { parseConstraint, parseVersion, satisfies, type Version, type VersionCondition } from "@tspack/core";
