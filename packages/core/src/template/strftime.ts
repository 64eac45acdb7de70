import { formatGoTime } from "./go-time.ts";

/** What Packer's strftime knows, in Go's layout notation; anything else stays as it is written (tried with Packer 1.6.6). */
const layouts: { readonly [directive: string]: string } = {
  a: "Mon",
  A: "Monday",
  b: "Jan",
  B: "January",
  d: "02",
  H: "15",
  I: "03",
  L: ".000",
  m: "01",
  M: "04",
  p: "PM",
  S: "05",
  y: "06",
  Y: "2006",
  z: "-0700",
  Z: "MST",
};

/** Formats a time (UTC, milliseconds since 1970) in strftime notation (row TPL-07). `%L` prints the milliseconds with a point before them. */
export function strftime(milliseconds: number, format: string): string {
  return format.replace(/%([A-Za-z%])/g, (whole, directive: string) => {
    if (directive === "%") return "%";
    const layout = layouts[directive];
    return layout === undefined ? whole : formatGoTime(milliseconds, layout);
  });
}
