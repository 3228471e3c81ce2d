// What a header says of a product's pixels beyond its WCS: how large they are, and where they stood on the canvas.
import type { CardInput } from '../fits/format-card.js';

export interface ProductGeometry {
  /** Area of a pixel over that of a frame's. */
  readonly pixelArea: number;
  /** Part of the canvas that it shows, canvas pixels, 0-based. */
  readonly window: { readonly x0: number; readonly y0: number };
  /** Canvas pixels along a side that make one of its own. */
  readonly binning: number;
}

/** Comments are the English of FITS headers everywhere. */
export function geometryCards({ pixelArea, window, binning }: ProductGeometry): CardInput[] {
  return [
    {
      key: 'ZMPXAREA',
      value: Number(pixelArea.toPrecision(9)),
      comment: 'pixel / frame pixel area; x sum = ADU of stars',
    },
    { key: 'ZMCANVX', value: window.x0, comment: '[pix] first column on the canvas, from 0' },
    { key: 'ZMCANVY', value: window.y0, comment: '[pix] first row on the canvas, from 0' },
    { key: 'ZMBINNED', value: binning, comment: 'canvas pixels averaged along a side' },
  ];
}
