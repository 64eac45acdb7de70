/**
 * A number that is sent as a 64-bit float even when it is whole: 1 as `cb 3ff0000000000000`. A plain whole number is sent as an
 * integer. Numbers of JSON templates are floats for Packer.
 */
export class Float64 {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}
