// The version of the plugin protocol as names of files and descriptions write it: `x5.0` (rows PLG-02, PLG-05).

/** The one that is spoken. */
export const SPOKEN_API = "x5.0";

/** True for the same major version, and no newer minor one. */
export function isSpokenApi(api: string): boolean {
  const [major, minor] = apiNumbers(api);
  const [spokenMajor, spokenMinor = 0] = apiNumbers(SPOKEN_API);
  return major === spokenMajor && minor !== undefined && minor <= spokenMinor;
}

/** Below 0 if `a` is the older one. */
export function compareApis(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = apiNumbers(a);
  const [majorB = 0, minorB = 0] = apiNumbers(b);
  return majorA - majorB || minorA - minorB;
}

// --- internal ---

/** Empty for what is no such version. */
function apiNumbers(api: string): readonly number[] {
  const [, major, minor] = /^x(\d+)\.(\d+)$/.exec(api) ?? [];
  return major === undefined || minor === undefined ? [] : [Number(major), Number(minor)];
}
