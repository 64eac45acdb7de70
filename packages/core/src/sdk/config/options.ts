// Pieces of option schemas that zod does not have. Components write `z.object({ … })` from these and zod's own.
import * as z from "zod";
import { parseDuration } from "./duration.ts";

/** A Go duration (`"5m"`); comes out in milliseconds. */
export function duration(): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds === undefined) {
      context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is not a duration; write it like "300ms", "10s" or "1h30m"` });
      return z.NEVER;
    }
    return milliseconds;
  });
}

/** Takes an empty text or 0 for nothing, as Packer does: templates pass the value of a variable on, given or not. */
export function unlessEmpty<S extends z.ZodType>(schema: S): z.ZodPreprocess<S> {
  return z.preprocess((value) => (value === "" || value === 0 ? undefined : value), schema);
}

/** A list of texts. One text instead of a list is split on commas (row META-13). */
export function textList(): z.ZodArray<z.ZodString> {
  return z.array(z.string());
}

/** Text by name. */
export function textMap(): z.ZodRecord<z.ZodString, z.ZodString> {
  return z.record(z.string(), z.string());
}

/** A port number; 0 is allowed where the option says what it means. */
export function port(): z.ZodNumber {
  return z.number().int().min(0).max(65535);
}
