// A mosaic that is integrated, as those see it who measure and show it: here, and on other threads, which have its very files, or memory.
import type { PlaneSource } from '../../output/sources/plane-source.js';
import { binnedSource } from '../../output/sources/binned-source.js';
import { windowSource } from '../../output/sources/window-source.js';
import type { Rectangle } from '../crop/largest-rectangle.js';
import type { PhotonField } from '../uncertainty/photon-field.js';
import { Memmap } from '../../cleanup/memmap.js';
import {
  memmapCanvas,
  memoryCanvas,
  mosaicSource,
  uncertaintySource,
  type Canvas,
  type CanvasPlace,
  type Canvases,
} from './canvas.js';

/** What values and uncertainties are read from. */
export interface FinishedCanvases {
  readonly mosaic: Canvas;
  readonly weight: Canvas;
  /** Values in a pixel, where these are combined by their median. */
  readonly samples?: Canvas;
  readonly photons?: PhotonField;
}

/** A canvas in a form that messages take. */
type SharedCanvas = Pick<Canvas, 'written'> & { readonly place: CanvasPlace };

/** The same in a form that messages take: threads share files and memory and get a copy of the field. */
export type SharedCanvases = Record<'mosaic' | 'weight', SharedCanvas> &
  Partial<Record<'samples', SharedCanvas>> &
  Pick<FinishedCanvases, 'photons'>;

/** What of an assembly, combined in such a way, values and uncertainties are read from. */
export function finishedCanvases(
  { mosaic, weight, coverage }: Canvases,
  { medianCombined, photons }: { readonly medianCombined: boolean; readonly photons?: PhotonField },
): FinishedCanvases {
  return { mosaic, weight, samples: medianCombined ? coverage : undefined, photons };
}

/** Values of the mosaic, and their standard deviations with the photons of their own light. */
export function finishedSources({ mosaic, weight, samples, photons }: FinishedCanvases): {
  readonly mosaic: PlaneSource;
  readonly uncertainty: PlaneSource;
} {
  const values = mosaicSource(mosaic, weight);
  return {
    mosaic: values,
    uncertainty: uncertaintySource(weight, samples, photons && { field: photons, values }),
  };
}

/** Values of a mosaic as the product has them: those of a window, in bins of k x k pixels. */
export const productValues = (values: PlaneSource, window: Rectangle, k: number): PlaneSource =>
  binnedSource(windowSource(values, window), k, { kind: 'mean' });

/** Undefined where there is a canvas that other threads cannot find. */
export function sharedCanvases({
  mosaic,
  weight,
  samples,
  photons,
}: FinishedCanvases): SharedCanvases | undefined {
  const [values, weights, counts] = [mosaic, weight, samples].map(shared);
  if (!values || !weights || (samples && !counts)) return undefined;
  return { mosaic: values, weight: weights, samples: counts, photons };
}

const shared = (canvas: Canvas | undefined): SharedCanvas | undefined =>
  canvas?.place && { place: canvas.place, written: canvas.written };

/** Has `use` see the canvases where they came in a message; their files are closed once it is through. */
export async function withReceived<T>(
  { mosaic, weight, samples, photons }: SharedCanvases,
  use: (canvases: FinishedCanvases) => Promise<T>,
): Promise<T> {
  const files: Memmap[] = [];
  const received = async ({ place, written }: SharedCanvas): Promise<Canvas> => {
    if ('data' in place) return { ...memoryCanvas(place.nx, place.ny, place.planes, place.data), written };
    const file = await Memmap.open(place.path);
    files.push(file);
    return { ...memmapCanvas(file), written };
  };
  try {
    return await use({
      mosaic: await received(mosaic),
      weight: await received(weight),
      samples: samples && (await received(samples)),
      photons,
    });
  } finally {
    for (const file of files) await file.close();
  }
}
