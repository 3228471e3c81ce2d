// The stacks of groups blended band by band for the eye, window by window, into an array of its own on the disk.
import { blendBands, type BandInput } from '../../aesthetic/multi-band.js';
import type { RunConfig } from '../../config/table.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import { rowsPerBlock, type PlaneSource } from '../../output/sources/plane-source.js';
import { memmapCanvas, mosaicSource } from '../canvas/canvas.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import { CoverageMask } from '../tiles/coverage-mask.js';
import { overlap, type StackTile } from '../tiles/master-tiles.js';

/**
 * A window is as wide at most, or as wide as one band width with its margins: 3584 pixels at 512. Ten float32 arrays of it are held: 0.26 GB, at 512 0.51 GB.
 */
const WINDOW_PX = 2560;
/** What a band of 2^n pixels is told by lies within three times that. */
const REACH = 3;
/** Power of the distance to the edge of a stack: twice as deep counts 256 times as much, so that a place is one stack's or, where they are alike, all of theirs. */
const SHARPNESS = 8;
/** Its power times an inverse variance is still a number. */
const LEAST_DEPTH = 1e-3;

/** True where a file of the aesthetic product is asked for. */
export function wantsAesthetic(config: RunConfig): boolean {
  return config.export_aesthetic_fits || config.export_aesthetic_tiff || config.export_aesthetic_png;
}

/** True where stacks, or finished tiles, are wanted for an aesthetic product. */
export function blendsStacks(config: RunConfig): boolean {
  return wantsAesthetic(config) && config.aesthetic_multiband_enabled;
}

/** Bytes of the blend's array on the disk, where stacks are blended. */
export function blendBytes({ grid, planes }: Pick<MosaicPlan, 'grid' | 'planes'>, config: RunConfig): number {
  return blendsStacks(config) ? 4 * grid.nx * grid.ny * planes : 0;
}

/** The blend on the pixels of the canvas; `widthPx`, a power of two, is the widest band. Memory as said; disk as the mosaic. */
export async function blendStacks(
  workspace: Workspace,
  { grid, planes }: MosaicPlan,
  stacks: readonly StackTile[],
  widthPx: number,
  signal: AbortSignal,
): Promise<PlaneSource> {
  const { nx, ny, wcs } = grid;
  const memmap = await workspace.createMemmap({
    what: 'blended_stacks',
    nx,
    ny,
    planes,
    meaning: 'pipeline_meaning_blended',
    unit: 'adu',
    wcs: Object.fromEntries(wcsCards(wcs).map(({ key, value }) => [key, value])),
  });
  const masks = await Promise.all(stacks.map(maskOf));
  const bands = Math.log2(widthPx);
  const [columns, rows] = [nx, ny].map((size) => cuts(size, widthPx));
  for (const [y0, y1, top, bottom] of rows) {
    for (const [x0, x1, left, right] of columns) {
      const [width, height] = [right - left, bottom - top];
      const area = { x0: left, y0: top, width, height };
      for (let plane = 0; plane < planes; plane++) {
        signal.throwIfAborted();
        const inputs = () => inputsOf(stacks, masks, plane, area);
        const blended = await blendBands(inputs, width, height, bands);
        const core = { plane, x0, y0, width: x1 - x0, height: y1 - y0 };
        await memmap.writeRegion(core, cutOut(blended, width, { ...core, x0: x0 - left, y0: y0 - top }));
      }
    }
  }
  return memmapCanvas(memmap);
}

/** Of a side: where each window's own pixels begin and end, and what it looks at, in multiples of the width. */
function cuts(size: number, widthPx: number): (readonly [number, number, number, number])[] {
  const whole = Math.ceil(size / widthPx) * widthPx;
  if (whole <= WINDOW_PX) return [[0, size, 0, whole]];
  const margin = REACH * widthPx;
  const core = Math.max(widthPx, Math.floor((WINDOW_PX - 2 * margin) / widthPx) * widthPx);
  return Array.from({ length: Math.ceil(size / core) }, (_, k) => [
    k * core,
    Math.min(size, (k + 1) * core),
    Math.max(0, k * core - margin),
    Math.min(whole, (k + 1) * core + margin),
  ]);
}

/** Where a stack holds light. */
async function maskOf({ window, canvases: { coverage } }: StackTile): Promise<CoverageMask> {
  const { width, height } = window;
  const mask = new CoverageMask(width, height);
  const blockRows = rowsPerBlock(width, height);
  const block = new Float32Array(blockRows * width);
  for (let y0 = 0; y0 < height; y0 += blockRows) {
    const rows = Math.min(blockRows, height - y0);
    await coverage.readRows(0, y0, rows, block);
    for (let y = 0; y < rows; y++) mask.addRow(y0 + y, (x) => block[y * width + x] > 0);
  }
  return mask;
}

/** The stacks that touch an area, one after the other, each with its weights: inverse variance by depth. The arrays are used again. */
async function* inputsOf(
  stacks: readonly StackTile[],
  masks: readonly CoverageMask[],
  plane: number,
  area: CellRect,
): AsyncGenerator<BandInput> {
  const values = new Float32Array(area.width * area.height);
  const weights = new Float32Array(values.length);
  for (const [number, { window, canvases }] of stacks.entries()) {
    const common = overlap(area, window);
    if (!common) continue;
    const { width, height } = common;
    const own = { x0: common.x0 - window.x0, y0: common.y0 - window.y0, width, height };
    const image = mosaicSource(canvases.mosaic, canvases.weight);
    const [value, weight] = [new Float32Array(width * height), new Float32Array(width * height)];
    await image.readRegion!(plane, own, value);
    await canvases.weight.readRegion(plane, own, weight);
    values.fill(NaN);
    weights.fill(0);
    const deepest = Math.min(window.width, window.height) / 2;
    for (let y = 0, k = 0; y < height; y++) {
      let at = (common.y0 - area.y0 + y) * area.width + common.x0 - area.x0;
      for (let x = 0; x < width; x++, k++, at++) {
        if (!(weight[k] > 0) || Number.isNaN(value[k])) continue;
        values[at] = value[k];
        // no sample is without any weight: what lies alone stays
        const depth = Math.max(LEAST_DEPTH, masks[number].distanceToEdge(own.x0 + x, own.y0 + y) / deepest);
        weights[at] = weight[k] * depth ** SHARPNESS;
      }
    }
    yield { values, weights };
  }
}

function cutOut(values: Float32Array, stride: number, { x0, y0, width, height }: CellRect): Float32Array {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (y0 + y) * stride + x0;
    out.set(values.subarray(from, from + width), y * width);
  }
  return out;
}
