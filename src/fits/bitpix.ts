// The type of stored pixels (FITS 4.0, table 8).

/** Unsigned 8-bit, signed 16/32/64-bit integers, or IEEE floats of 32 and 64 bits. */
export type Bitpix = 8 | 16 | 32 | 64 | -32 | -64;
