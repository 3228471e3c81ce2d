// The field of photon noise in a file: an extension PHOTONS beside UNCERTAINTY, from which anyone can take the photons out of it again.
import type { CardInput } from '../../fits/write/format-card.js';
import type { FitsFile } from '../../fits/hdu.js';
import { readWindow } from '../../fits/read/read-window.js';
import { arraySource, type PlaneSource } from '../../output/sources/plane-source.js';
import { photonFactors, type PhotonField } from './photon-field.js';

const PHOTONS_NAME = 'PHOTONS';

/** The planes of the extension, and what says how they lie over the image. */
export function photonsImage(field: PhotonField): { source: PlaneSource; cards: CardInput[] } {
  const { nx, ny, planes, stepPx, x0, y0, data } = field;
  const size = nx * ny;
  const parts = Array.from({ length: 2 * planes }, (_, p) => data.subarray(p * size, (p + 1) * size));
  return {
    source: arraySource(nx, ny, parts),
    cards: [
      { key: 'ZMPHSTEP', value: stepPx, comment: '[pix] side of a square on the image' },
      { key: 'ZMPHX0', value: x0, comment: '[pix] where its first column begins in them' },
      { key: 'ZMPHY0', value: y0, comment: '[pix] where its first row begins in them' },
      {
        key: 'COMMENT',
        comment: 'planes: slopes a (1/adu) of the colours, then offsets b; photons have multiplied',
      },
      { key: 'COMMENT', comment: 'the variance of a pixel of value m by max(0.25, 1 + a m + b)' },
    ],
  };
}

/** The field of a file; undefined where its uncertainties hold no photons of the light itself. */
export async function readPhotons(file: FitsFile): Promise<PhotonField | undefined> {
  const hdu = file.hdus.find(({ name }) => name === PHOTONS_NAME);
  const shape = hdu?.image?.shape;
  if (!hdu || shape?.length !== 3) return undefined;
  const [layers, ny, nx] = shape;
  const [stepPx, x0, y0] = ['ZMPHSTEP', 'ZMPHX0', 'ZMPHY0'].map((key) => hdu.header.getNumber(key));
  if (!(stepPx! > 0) || x0 === undefined || y0 === undefined) return undefined;
  const data = new Float32Array(layers * ny * nx);
  for (let plane = 0; plane < layers; plane++)
    data.set(await readWindow(file, hdu, { plane, x0: 0, y0: 0, width: nx, height: ny }), plane * ny * nx);
  return { nx, ny, planes: layers / 2, stepPx: stepPx!, x0, y0, data };
}

/**
 * Standard deviations of a window of one plane, in place, as inverse variances without those photons, which must not weigh: what is faint by chance would count more. 0
 * where there is none.
 */
export function toSkyWeights(
  deviations: Float32Array,
  values: Float32Array,
  field: PhotonField | undefined,
  plane: number,
  window: { readonly x0: number; readonly y0: number; readonly width: number; readonly height: number },
): void {
  const factors = field && photonFactors(field, plane, window, values);
  for (let k = 0; k < deviations.length; k++) {
    const sigma = deviations[k];
    deviations[k] = sigma > 0 ? (factors?.[k] ?? 1) / sigma ** 2 : 0;
  }
}
