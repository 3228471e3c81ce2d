// Numbers that every backend shares; the WGSL text is generated from this table (`wgslConstants`).

/** Value that stands for "no sample": far outside any physical level, exactly representable in float32. */
export const BLANK_VALUE = Math.fround(-1e30);

/** A sample is valid when it is greater than this limit; arithmetic on blanks cannot cross it by rounding. */
export const BLANK_LIMIT = Math.fround(-5e29);

/**
 * A float sample of a file beyond this, above or below 0, is no sample: no level of a camera, but what programs put where they have none (1e20, 1e30, 3.4e38).
 * Squares of what is within it, and sums of as many of them as there are frames, are numbers in float32.
 */
export const SAMPLE_LIMIT = Math.fround(1e15);

/** Side, in output pixels, of the fixed blocks of the output grid to which pixel maps are anchored. */
export const BLOCK_SIZE = 64;

/** Float32 numbers per block of a pixel map: integer base x, base y, then 9 + 9 biquadratic coefficients. */
export const MAP_STRIDE = 20;

/** Coefficients of a level surface: 1, x, y, x^2, x y, y^2 in normalised frame coordinates. */
export const LEVEL_TERMS = 6;

/** Colour index of a CFA site. */
export const RED = 0;
export const GREEN = 1;
export const BLUE = 2;

/** The same numbers as WGSL declarations, put before every shader. */
export function wgslConstants(): string {
  return [
    `const BLANK_VALUE: f32 = ${BLANK_VALUE.toExponential()}f;`,
    `const BLANK_LIMIT: f32 = ${BLANK_LIMIT.toExponential()}f;`,
    `const SAMPLE_LIMIT: f32 = ${SAMPLE_LIMIT.toExponential()}f;`,
    `const BLOCK_SIZE: u32 = ${BLOCK_SIZE}u;`,
    `const MAP_STRIDE: u32 = ${MAP_STRIDE}u;`,
    `const LEVEL_TERMS: u32 = ${LEVEL_TERMS}u;`,
  ].join('\n');
}
