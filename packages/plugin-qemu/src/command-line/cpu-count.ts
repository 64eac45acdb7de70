/** What is asked for; 0 means not said. */
export interface CpuOptions {
  readonly cpus: number;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}

/** The value of `-smp`, and what to tell the user about it. */
export interface CpuCount {
  readonly value: string;
  readonly warning: string | undefined;
}

/**
 * The number of processors and how they are laid out (row QM-09). QEMU refuses a number that differs from a layout that is complete; where
 * Packer would pass such a one on, the number is made to fit and that is said (row QM-10).
 */
export function cpuCount({ cpus, sockets, cores, threads }: CpuOptions): CpuCount {
  const parts = Object.entries({ sockets, cores, threads }).filter(([, number]) => number > 0);
  const product = parts.reduce((total, [, number]) => total * number, 1);
  const layout = parts.map(([name, number]) => `,${name}=${number}`).join("");
  if (parts.length === 0) return { value: String(Math.max(1, cpus)), warning: undefined };
  if (cpus === 0 || cpus === product) return { value: `${product}${layout}`, warning: undefined };
  if (cpus > product) {
    return {
      value: `${product}${layout}`,
      warning: `"cpus" is ${cpus}, but sockets, cores and threads make ${product}: the machine gets ${product}`,
    };
  }
  return {
    value: `${product}${layout}`,
    warning: `"cpus" is ${cpus}, but sockets, cores and threads make ${product}, and QEMU takes no number that differs: the machine gets ${product}`,
  };
}
