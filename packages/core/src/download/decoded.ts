/** A part of a URL as text. One that has a percent sign where no escape begins stays as it is, as with curl. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
