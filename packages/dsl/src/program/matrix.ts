/** Values by axis: `{ release: ["bookworm", "trixie"], arch: ["amd64", "arm64"] }`. */
export interface Axes {
  readonly [axis: string]: readonly unknown[];
}

/**
 * Calls a function with every combination of the axes' values and gives what it returns; the last axis changes fastest.
 *
 * @example
 * const sources = matrix({ release: ["bookworm", "trixie"], cpus: [1, 2] }, ({ release, cpus }) =>
 *   source("qemu", `${release}-${cpus}`, { cpus, iso_url: `https://example.org/${release}.qcow2` }),
 * );
 */
export function matrix<const A extends Axes, R>(axes: A, make: (row: { readonly [K in keyof A]: A[K][number] }) => R): R[] {
  let rows: { [axis: string]: unknown }[] = [{}];
  for (const [axis, values] of Object.entries<readonly unknown[]>(axes)) {
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [axis]: value })));
  }
  // Each row has one value of every axis; the loop above cannot say so in types.
  return rows.map((row) => make(row as { readonly [K in keyof A]: A[K][number] }));
}
