// The mosaic while it is made: float planes over the whole output grid, written by cells, read back by rows.
import type { Memmap } from '../../cleanup/memmap.js';
import { readRegion, type PlaneSource } from '../../output/sources/plane-source.js';
import { ReadScratch } from '../../output/sources/read-scratch.js';
import { withPasses } from '../../simd/sample-passes.js';
import { medianInefficiency } from '../../photometry/noise/median-inefficiency.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { PhotonField } from '../uncertainty/photon-field.js';
import { deviationsAt } from '../uncertainty/to-deviations.js';
import { blankUnwritten, type WrittenBlocks } from './written-blocks.js';

/** Planes `[planes, ny, nx]` float32; what no cell has written is 0. */
export interface Canvas {
  readonly nx: number;
  readonly ny: number;
  readonly planes: number;
  /** The blocks that are written, where they are known. */
  readonly written?: WrittenBlocks;
  /** Writes `[planes, rect.height, rect.width]`. */
  write(rect: CellRect, data: Float32Array): Promise<void>;
  /** Writes `[rect.height, rect.width]` of one plane; `data` may be reused afterwards. */
  writePlane(plane: number, rect: CellRect, data: Float32Array): Promise<void>;
  /** Fills `out` with rows of one plane. */
  readRows(plane: number, y0: number, rows: number, out: Float32Array): Promise<void>;
  /** Fills `out` with a rectangle of one plane. */
  readRegion(plane: number, region: CellRect, out: Float32Array): Promise<void>;
  /** A plane where it lies in memory, to be read. */
  view?(plane: number): Float32Array;
  /** Where other threads find it: its file, or its shared memory. */
  readonly place?: CanvasPlace;
  /** Resolved when what was written outlives the machine's power, where it can. */
  sync(): Promise<void>;
}

/** In a form that messages take. */
export type CanvasPlace =
  | { readonly path: string }
  | (Pick<Canvas, 'nx' | 'ny' | 'planes'> & { readonly data: Float32Array<SharedArrayBuffer> });

/** The arrays of one mosaic: its planes, their weights, and the number of frames. */
export interface Canvases {
  /** NaN, or not written, where there is no sample. */
  readonly mosaic: Canvas;
  /** Sum of the weights per plane; 0 = no sample. */
  readonly weight: Canvas;
  /** Frames in a pixel: the most of its planes. */
  readonly coverage: Canvas;
}

/** With what else is kept of the samples, where it is asked for. */
export interface MosaicCanvases extends Canvases {
  /** Sum of the weights as they fell towards the edges of frames, per plane; where frames can be added to that. */
  readonly radial?: Canvas;
  /** Numbers of samples rejected below and above, per plane. */
  readonly rejected?: { readonly low: Canvas; readonly high: Canvas };
}

/** A canvas on disk: a `.dat` that the workspace made. */
export function memmapCanvas(memmap: Memmap): Canvas {
  const { nx, ny, planes } = memmap;
  const writePlane: Canvas['writePlane'] = (plane, { x0, y0, width, height }, data) =>
    memmap.writeRegion({ plane, x0, y0, width, height }, data);
  return {
    nx,
    ny,
    planes,
    write: (rect, cell) => writePlanes(planes, writePlane, rect, cell),
    writePlane,
    async readRows(plane, y0, rows, out) {
      await memmap.readRegion({ plane, x0: 0, y0, width: nx, height: rows }, out);
    },
    async readRegion(plane, region, out) {
      await memmap.readRegion({ plane, ...region }, out);
    },
    place: { path: memmap.path },
    sync: () => memmap.sync(),
  };
}

/** Writes the planes of a rectangle one by one. */
export async function writePlanes(
  planes: number,
  writePlane: Canvas['writePlane'],
  rect: CellRect,
  data: Float32Array,
): Promise<void> {
  const size = rect.width * rect.height;
  for (let plane = 0; plane < planes; plane++)
    await writePlane(plane, rect, data.subarray(plane * size, (plane + 1) * size));
}

/** A canvas in memory, where there are to be no files; over `data`, where that is there. */
export function memoryCanvas(
  nx: number,
  ny: number,
  planes: number,
  // Shared with threads; nor does V8 count that against its heap: it would collect twice for the canvases of a small mosaic, which it cannot give back.
  data = new Float32Array(new SharedArrayBuffer(4 * planes * ny * nx)),
): Canvas {
  const writePlane: Canvas['writePlane'] = (plane, { x0, y0, width, height }, values) => {
    const to = (plane * ny + y0) * nx + x0;
    if (width === nx) data.set(values.subarray(0, width * height), to);
    else for (let y = 0; y < height; y++) data.set(values.subarray(y * width, (y + 1) * width), to + y * nx);
    return Promise.resolve();
  };
  return {
    nx,
    ny,
    planes,
    write: (rect, cell) => writePlanes(planes, writePlane, rect, cell),
    writePlane,
    readRows(plane, y0, rows, out) {
      out.set(data.subarray((plane * ny + y0) * nx, (plane * ny + y0 + rows) * nx));
      return Promise.resolve();
    },
    readRegion(plane, { x0, y0, width, height }, out) {
      for (let y = 0; y < height; y++) {
        const from = (plane * ny + y0 + y) * nx + x0;
        out.set(data.subarray(from, from + width), y * width);
      }
      return Promise.resolve();
    },
    view: (plane) => data.subarray(plane * ny * nx, (plane + 1) * ny * nx),
    place: { nx, ny, planes, data },
    sync: () => Promise.resolve(),
  };
}

/**
 * The mosaic as outputs read it: NaN where its weight is 0. Cells write NaN where they have no sample, so only a 0 may
 * come from where no cell has written: in a block that is not, or, where these are not known, in a pixel without weight.
 */
export function mosaicSource(mosaic: Canvas, weight: Canvas): PlaneSource {
  const { written, view } = mosaic;
  // one that lies nowhere is computed
  const isStored = mosaic.place !== undefined;
  if (written) {
    const source = sourceOf(mosaic, async (plane, region, out) => {
      await mosaic.readRegion(plane, region, out);
      blankUnwritten(written, region, out);
    });
    return { ...source, isStored, ...(written.areAll && view && { view }) };
  }
  const scratch = new ReadScratch();
  const source = sourceOf(mosaic, async (plane, region, out) => {
    const { width, height } = region;
    await mosaic.readRegion(plane, region, out);
    const first = out.subarray(0, width * height).indexOf(0);
    if (first < 0) return;
    const start = Math.floor(first / width);
    const n = (height - start) * width;
    await scratch.use(n, async (weights) => {
      await weight.readRegion(plane, { ...region, y0: region.y0 + start, height: height - start }, weights);
      for (let i = 0; i < n; i++) if (!(weights[i] > 0)) out[start * width + i] = NaN;
    });
  });
  return { ...source, isStored };
}

/** The photons of the light in a mosaic: what they add, and the values that it goes by. */
export interface Photons {
  readonly field: PhotonField;
  readonly values: PlaneSource;
}

/**
 * Standard deviation of the mosaic's pixels: 1/sqrt(weight), with `photons` that of their own light too; NaN where there is none. Of a median of `samples` values a pixel it is larger, by what
 * medians of so many cost.
 */
export function uncertaintySource(weight: Canvas, samples?: Canvas, photons?: Photons): PlaneSource {
  return sourceOf(weight, (plane, region, out) =>
    withPasses(async (room) => {
      const n = region.width * region.height;
      const [sigmas, others] = [room.take(4 * n), room.take(photons || samples ? 4 * n : 0)];
      const floats = (at: number) => new Float32Array(room.buffer, at, n);
      await weight.readRegion(plane, region, floats(sigmas));
      if (photons) await readRegion(photons.values, plane, region, floats(others));
      deviationsAt(room, sigmas, n, photons && { field: photons.field, plane, region, values: others });
      out.set(floats(sigmas));
      if (!samples) return;
      const counts = floats(others);
      await samples.readRegion(0, region, counts);
      for (let i = 0; i < n; i++) out[i] *= medianInefficiency(counts[i]);
    }),
  );
}

/** A source of the shape of a canvas, read by regions; rows are regions as wide as it is. */
function sourceOf(
  { nx, ny, planes }: Canvas,
  read: (plane: number, region: CellRect, out: Float32Array) => Promise<void>,
): PlaneSource {
  return {
    nx,
    ny,
    planes,
    readRegion: read,
    readRows: (plane, y0, rows, out) => read(plane, { x0: 0, y0, width: nx, height: rows }, out),
  };
}
