import * as z from "zod";

/** The communicator options that every builder with a machine takes (rows COM, WIN). */
export function communicatorOptions() {
  return z.object({ communicator: z.string().default("ssh") });
}

export type CommunicatorConfig = z.output<ReturnType<typeof communicatorOptions>>;
