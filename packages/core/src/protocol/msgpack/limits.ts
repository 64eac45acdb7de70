/** Maps and lists within each other, in a value that is sent or received. */
export const DEEPEST_VALUE = 100;
/** Bytes of one value that is received. The largest known ones, specifications of big plugins, have less than one million. */
export const LARGEST_VALUE_BYTES = 32 * 1024 * 1024;
/** Values within one value that is received, itself included. */
export const MOST_VALUES = 1_000_000;
