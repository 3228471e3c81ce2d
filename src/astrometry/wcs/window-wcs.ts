// The WCS of a window of an image: the same sky under pixels that are counted from another corner.
import type { CelestialWcs } from './celestial-wcs.js';

/** A window of an image: its first pixel (0-based) and its size. */
export interface ImageWindow {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

/** `wcs` with CRPIX moved by whole or broken pixels; distortions go with it, they are bound to CRPIX or to the pixels themselves. */
export function windowWcs(wcs: CelestialWcs, { x0, y0, width, height }: ImageWindow): CelestialWcs {
  const d = wcs.describe();
  const described = {
    ...d,
    crpix: [d.crpix[0] - x0, d.crpix[1] - y0] as const,
    shape: [width, height] as const,
  };
  return {
    hasDistortion: wcs.hasDistortion,
    crval: wcs.crval,
    radesys: wcs.radesys,
    frame: wcs.frame,
    describe: () => described,
    pixelToSky: (x, y) => wcs.pixelToSky(x + x0, y + y0),
    skyToPixel(ra, dec) {
      const at = wcs.skyToPixel(ra, dec);
      return at && [at[0] - x0, at[1] - y0];
    },
    pixelToSkyBatch(x, y, outRa, outDec) {
      wcs.pixelToSkyBatch(
        x.map((v) => v + x0),
        y.map((v) => v + y0),
        outRa,
        outDec,
      );
    },
    skyToPixelBatch(ra, dec, outX, outY) {
      wcs.skyToPixelBatch(ra, dec, outX, outY);
      for (let i = 0; i < outX.length; i++) {
        outX[i] -= x0;
        outY[i] -= y0;
      }
    },
    pixelToUnit: (x, y, out) => wcs.pixelToUnit(x + x0, y + y0, out),
    unitToPixel(ux, uy, uz, out) {
      if (!wcs.unitToPixel(ux, uy, uz, out)) return false;
      out[0] -= x0;
      out[1] -= y0;
      return true;
    },
    pixelScaleArcsec: (x, y) =>
      wcs.pixelScaleArcsec(x === undefined ? undefined : x + x0, y === undefined ? undefined : y + y0),
  };
}
