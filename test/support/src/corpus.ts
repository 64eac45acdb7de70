/**
 * The folder of real templates that tests of `*.corpus.test.ts` work on. It is not part of the project: the environment variable
 * `TSPACK_CORPUS` names it, and without that the test command leaves such files out. Throws when it is not set.
 */
export function corpusFolder(): string {
  const folder = process.env.TSPACK_CORPUS;
  if (folder === undefined || folder === "") throw new Error("TSPACK_CORPUS names no folder with templates");
  return folder;
}
