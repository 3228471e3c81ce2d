// What each frame saw of the sky nodes that the level solve matches frames by: the centres of blocks of the output grid, so that they do not depend on cells.
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import { BLOCK_SIZE, LEVEL_TERMS } from '../../../compute/constants.js';
import type { LevelGrid } from '../../../photometry/background/level-grid.js';
import type { FrameLevels } from '../../../photometry/levels/level-observations.js';
import { levelAt } from '../../../photometry/levels/level-polynomial.js';
import { sharedPasses } from '../../../simd/sample-passes.js';
import { levelCoordinates, type PlaneLevel } from '../../integrate/windows/integration-frame.js';
import type { BlockSpans } from '../grid/block-spans.js';
import type { OutputGrid } from '../grid/output-grid.js';

/** A measured frame as the level plan sees it. */
export interface LevelFrame {
  readonly wcs: CelestialWcs;
  readonly nx: number;
  readonly ny: number;
  readonly spans: BlockSpans;
  readonly grid: LevelGrid;
  /** Factor from this frame's ADU to the common ones, per channel. */
  readonly gains: readonly number[];
  /** Raw pixels per sample of each channel: 4, 2, 4 on a CFA; 1 unless told. */
  readonly sparsity?: readonly number[];
  /** Levels that are final, in the frame's own ADU. */
  readonly held?: readonly PlaneLevel[];
  /** Whether a pixel (0-based) shows sky; all do unless told. */
  readonly covers?: (x: number, y: number) => boolean;
}

/** Observations beyond this only cost time: the nodes are thinned. 12 M of them take about 300 MB. */
const MAX_OBSERVATIONS = 4e6;

/** What each frame saw of the nodes, `[channel][frame]`. A node that a frame lacks in one channel it lacks in all, so that these hang together alike. */
export function observedLevels(grid: OutputGrid, frames: readonly LevelFrame[]): FrameLevels[][] {
  const stride = nodeStride(frames);
  const ofFrames = frames.map((frame) => seenBy(frame, nodesUnder(grid, frame, stride)));
  return frames[0].gains.map((_, channel) => ofFrames.map((seen) => seen[channel]));
}

function nodeStride(frames: readonly LevelFrame[]): number {
  let blocks = 0;
  for (const { spans } of frames) {
    for (let i = 0; i < spans.spans.length; i += 2) {
      blocks += Math.max(0, spans.spans[i + 1] - spans.spans[i] + 1);
    }
  }
  return Math.max(1, Math.ceil(Math.sqrt(blocks / MAX_OBSERVATIONS)));
}

/** Nodes under a frame: their numbers and places in its pixels (FITS). */
interface NodesUnder {
  readonly node: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Nodes of every `stride`-th block that may lie under the frame. */
function nodesUnder(grid: OutputGrid, frame: LevelFrame, stride: number): NodesUnder {
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const { firstRow, spans } = frame.spans;
  const rows = spans.length / 2;
  const memory = sharedPasses();
  const given = memory.take(spans.byteLength);
  new Int32Array(memory.buffer, given, spans.length).set(spans);
  const list = (node: number, x: number, y: number) =>
    memory.passes.nodesOfSpans(given, firstRow, rows, stride, blocksX, BLOCK_SIZE, node, x, y);
  const count = list(0, 0, 0);
  const [node, atX, atY] = [memory.take(4 * count), memory.take(8 * count), memory.take(8 * count)];
  list(node, atX, atY);
  const { buffer } = memory;
  const [x, y] = [atX, atY].map((at) => new Float64Array(buffer, at, count).slice());
  const numbers = new Int32Array(buffer, node, count).slice();
  grid.wcs.pixelToSkyBatch(x, y, x, y);
  frame.wcs.skyToPixelBatch(x, y, x, y);
  if (frame.covers) for (let i = 0; i < count; i++) if (!frame.covers(x[i] - 1, y[i] - 1)) x[i] = NaN;
  return { node: numbers, x, y };
}

/** What the frame saw of those nodes that lie in it, per channel. */
function seenBy(frame: LevelFrame, { node, x, y }: NodesUnder): FrameLevels[] {
  const { nx, ny, grid, gains, held } = frame;
  const channels = gains.length;
  const memory = sharedPasses();
  const { passes } = memory;
  const words = (length: number) => memory.take(4 * length);
  const doubles = (length: number) => memory.take(8 * length);
  const at = { node: words(node.length), x: doubles(node.length), y: doubles(node.length) };
  const [across, down] = [words(node.length), words(node.length)];
  const [cell, spare] = [words(node.length), words(node.length)];
  const [level, sigma] = [words(channels * node.length), words(channels * node.length)];
  const mesh = words(grid.nx * grid.ny);
  const { buffer } = memory;
  new Int32Array(buffer, at.node, node.length).set(node);
  new Float64Array(buffer, at.x, node.length).set(x);
  new Float64Array(buffer, at.y, node.length).set(y);
  const { centreX, centreY, invScale } = levelCoordinates(nx, ny);
  const places = [nx, ny, centreX, centreY, invScale, across, down] as const;
  const count = passes.nodesInside(at.node, at.x, at.y, node.length, ...places);
  const { width, height, stepPx } = grid;
  passes.placesOnMesh(at.x, at.y, count, width, height, stepPx, grid.nx, grid.ny, cell, spare);
  const [right, up] = [grid.nx > 1 ? 1 : 0, grid.ny > 1 ? grid.nx : 0];
  const sample = (values: Float32Array, factor: number, to: number) => {
    new Float32Array(buffer, mesh, values.length).set(values);
    passes.sampleMesh(mesh, cell, at.x, at.y, count, right, up, factor, to);
  };
  for (let c = 0; c < channels; c++) {
    sample(grid.level[c], gains[c], level + 4 * c * count);
    sample(grid.noise[c], gains[c] / stepPx, sigma + 4 * c * count);
  }
  passes.leaveUnknown(level, sigma, channels, count);
  // one buffer for all lists of a frame: of thousands of frames, buffers cost more than what stands in them
  const lists = new ArrayBuffer(4 * count * (3 + 2 * channels));
  const kept = (k: number, from: number) => {
    new Uint8Array(lists).set(new Uint8Array(buffer, from, 4 * count), 4 * k * count);
    return [lists, 4 * k * count, count] as const;
  };
  const common = {
    node: new Int32Array(...kept(0, at.node)),
    ...{ x: new Float32Array(...kept(1, across)), y: new Float32Array(...kept(2, down)) },
  };
  return gains.map((gain, c): FrameLevels => {
    const levels = new Float32Array(...kept(3 + 2 * c, level + 4 * c * count));
    const taken = held?.[c].terms;
    if (taken)
      for (let i = 0; i < count; i++)
        levels[i] -= gain * levelAt(taken, 0, LEVEL_TERMS, common.x[i], common.y[i]);
    return { ...common, level: levels, sigma: new Float32Array(...kept(4 + 2 * c, sigma + 4 * c * count)) };
  });
}
