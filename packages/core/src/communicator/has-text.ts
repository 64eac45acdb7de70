/** True for a text that is there: Packer does not tell a missing option from an empty one. */
export function hasText(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
