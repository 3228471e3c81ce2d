// The camera that a demo session imitates: a Seestar S50's sensor and optics, in numbers.

/** 2.9 um pixels behind 250 mm. */
export const PIXEL_SCALE_ARCSEC = (206.264806 * 2.9) / 250;
export const EXPOSURE_SECONDS = 10;
/** 12-bit samples are stored times 16, as the Seestar does. */
export const ADU_STEP = 16;
export const SATURATION_ADU = 4095 * ADU_STEP;
/** 1.2 electrons a 12-bit step. */
export const ELECTRONS_PER_ADU = 1.2 / ADU_STEP;
export const PEDESTAL_ADU = 30 * ADU_STEP;
export const READ_NOISE_ELECTRONS = 1.6;
/** Electrons in green of a star of magnitude 0 in one exposure. */
export const ZERO_MAGNITUDE_ELECTRONS = 1.25e8;
/** Electrons a pixel of a typical moonless suburban sky in one exposure: R, G, B. */
export const SKY_ELECTRONS = [26, 30, 20] as const;
/** Response of R, G, B to a star of solar colour. */
export const COLOUR_RESPONSE = [0.9, 1, 0.7] as const;

/** Channel (0 R, 1 G, 2 B) under the GRBG filter at 0-based (x, y). */
export function bayerChannel(x: number, y: number): 0 | 1 | 2 {
  return (y & 1) === (x & 1) ? 1 : (y & 1) === 0 ? 0 : 2;
}
