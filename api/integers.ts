/** Bounds of the integers that the API's numbers are held in. */

/** The largest signed number of 32 bits. */
export const maxInt32 = 2 ** 31 - 1;

/** The smallest signed number of 64 bits. */
export const minInt64 = -(2n ** 63n);

/** The largest signed number of 64 bits. */
export const maxInt64 = 2n ** 63n - 1n;

/** The largest number of 64 bits without a sign. */
export const maxUint64 = 2n ** 64n - 1n;
