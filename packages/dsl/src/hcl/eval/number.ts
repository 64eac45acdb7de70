// HCL's numbers: binary floats of 512 bits, as the reference keeps them.

/** A number. A JavaScript number while it is a safe integer, so that the common case costs nothing; a `BigFloat` otherwise. */
export type BigNumber = number | BigFloat;

/** `mantissa × 2^exponent`, the mantissa rounded to 512 bits; infinities have the mantissa ±1 and `isInfinite`. */
export interface BigFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly isInfinite?: boolean | undefined;
}
