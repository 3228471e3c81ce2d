// Works on a mosaic that is integrated, each of which goes by its canvases alone: what is measured on it, and its picture.
import type { PictureOptions } from '../../output/picture/preview.js';
import { previewParts } from '../../output/picture/preview.js';
import { measureProductStars, type ExpectedStar, type ProductStar } from '../../quality/product-stars.js';
import { seamSteps, type SeamStep } from '../../quality/seams.js';
import { noiseSquares, type NoiseSquare } from '../../quality/sky-noise.js';
import { finishedSources, productValues, type FinishedCanvases } from '../canvas/finished-canvases.js';
import type { Rectangle } from '../crop/largest-rectangle.js';

/** What is to be done, in a form that messages take. */
export interface ProductWorks {
  /** The stars at places that the frames name, whose width is `fwhmPx`. */
  readonly stars: { readonly expected: readonly ExpectedStar[]; readonly fwhmPx: number };
  /** Steps at the edges of outlines, and the same at quiet places. */
  readonly steps: {
    readonly outlines: readonly Float64Array[];
    readonly quiet: readonly { readonly x: number; readonly y: number }[];
  };
  /** Squares of noise. */
  readonly noise: object;
  /** The preview of the product that a window and bins make of the mosaic. */
  readonly picture: {
    readonly window: Rectangle;
    readonly binning: number;
    readonly options: PictureOptions;
  };
}

/** What comes of it. */
export interface ProductResults {
  readonly stars: readonly (ProductStar | undefined)[];
  readonly steps: SeamStep[];
  readonly noise: NoiseSquare[];
  /** The bytes of its PNG, in parts each of which has a buffer of its own. */
  readonly picture: readonly Uint8Array<ArrayBuffer>[];
}

export type WorkKind = keyof ProductWorks;

const WORKS: {
  readonly [K in WorkKind]: (
    work: ProductWorks[K],
    sources: ReturnType<typeof finishedSources>,
  ) => Promise<ProductResults[K]>;
} = {
  stars: ({ expected, fwhmPx }, { mosaic }) => measureProductStars(mosaic, expected, fwhmPx),
  steps: ({ outlines, quiet }, { mosaic }) => seamSteps(mosaic, outlines, quiet),
  noise: (_, { mosaic, uncertainty }) => noiseSquares(mosaic, uncertainty),
  async picture({ window, binning, options }, { mosaic }) {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const picture = await previewParts(productValues(mosaic, window, binning), options);
    for await (const part of picture.parts) parts.push(part.slice());
    return parts;
  },
};

/** Does a work on the thread that calls. */
export const doProductWork = <K extends WorkKind>(
  kind: K,
  work: ProductWorks[K],
  canvases: FinishedCanvases,
): Promise<ProductResults[K]> => WORKS[kind](work, finishedSources(canvases));
