// The samples of one plane of a frame as the measure pass and star detection look at them.

/** Physical values in ADU, `[height, width]` row-major; blanks are NaN, which integers do not have. */
export type Samples = Float32Array | Uint16Array | Int16Array;
