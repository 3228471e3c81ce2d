// A mosaic that is integrated, as those see it who measure and show it: here, and on other threads, which have the very memory of its canvases.
import type { PlaneSource } from '../../output/sources/plane-source.js';
import { binnedSource } from '../../output/sources/binned-source.js';
import { windowSource } from '../../output/sources/window-source.js';
import type { Rectangle } from '../crop/largest-rectangle.js';
import type { PhotonField } from '../uncertainty/photon-field.js';
import { memoryCanvas, mosaicSource, uncertaintySource, type Canvas, type Canvases } from './canvas.js';

/** What values and uncertainties are read from. */
export interface FinishedCanvases {
  readonly mosaic: Canvas;
  readonly weight: Canvas;
  /** Values in a pixel, where these are combined by their median. */
  readonly samples?: Canvas;
  readonly photons?: PhotonField;
}

/** A canvas in shared memory, in a form that messages take. */
type SharedCanvas = Pick<Canvas, 'nx' | 'ny' | 'planes' | 'isWhole'> & {
  readonly data: Float32Array<SharedArrayBuffer>;
};

/** The same in a form that messages take: threads share the memory and get a copy of the field. */
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

/** Undefined where the canvases do not lie in shared memory. */
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

function shared(canvas: Canvas | undefined): SharedCanvas | undefined {
  const buffer = canvas?.view?.(0).buffer;
  if (!canvas || !(buffer instanceof SharedArrayBuffer)) return undefined;
  const { nx, ny, planes, isWhole } = canvas;
  return { nx, ny, planes, isWhole, data: new Float32Array(buffer) };
}

/** The canvases where they came in a message. */
export function receivedCanvases({ mosaic, weight, samples, photons }: SharedCanvases): FinishedCanvases {
  return {
    mosaic: received(mosaic),
    weight: received(weight),
    samples: samples && received(samples),
    photons,
  };
}

const received = ({ nx, ny, planes, isWhole, data }: SharedCanvas): Canvas => ({
  ...memoryCanvas(nx, ny, planes, data),
  isWhole,
});
