// What a header says of a product's pixels beyond its WCS: how large they are, and where they stood on the canvas.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { CardInput } from '../../fits/write/format-card.js';

export interface ProductGeometry {
  readonly wcs: CelestialWcs;
  /** Area of a pixel over that of a frame's, at the reference point. */
  readonly pixelArea: number;
  /** Part of the canvas that it shows, canvas pixels, 0-based. */
  readonly window: { readonly x0: number; readonly y0: number };
  /** Canvas pixels along a side that make one of its own. */
  readonly binning: number;
}

/** Projections whose pixels have the same area everywhere. */
const EQUAL_AREA = ['ZEA', 'CEA', 'SFL', 'MOL', 'AIT'];

/** Comments are the English of FITS headers everywhere. */
export function geometryCards({ wcs, pixelArea, window, binning }: ProductGeometry): CardInput[] {
  return [
    {
      key: 'ZMPXAREA',
      value: Number(pixelArea.toPrecision(9)),
      comment: EQUAL_AREA.includes(wcs.describe().projection)
        ? 'pixel / frame pixel area; x sum = ADU of stars'
        : 'pixel / frame pixel area at reference point',
    },
    { key: 'ZMCANVX', value: window.x0, comment: '[pix] first column on the canvas, from 0' },
    { key: 'ZMCANVY', value: window.y0, comment: '[pix] first row on the canvas, from 0' },
    { key: 'ZMBINNED', value: binning, comment: 'canvas pixels averaged along a side' },
  ];
}
