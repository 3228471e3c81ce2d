// Samples that are missing in a stack because pixels were left out of their frames: they are rejected samples like those that the stack rejects.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { type SamplePasses, sharedPasses } from '../../simd/sample-passes.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import { pixelsOfRows } from './windows/listed-pixels.js';
import type { PreparedFrame } from './windows/prepared-frame.js';
import type { StackResult } from './programs/stack-program.js';

export interface LeftOutSamples {
  /** Samples of one plane of the cell that are missing. */
  readonly count: number;
  /** How many each pixel misses, `[height, width]`, where that is wanted. */
  readonly map?: Uint16Array;
}

/** Of a block's columns the coefficients of a row's positions, f64. */
const COLUMN_BYTES = 48 * BLOCK_SIZE;

/** A frame is missed by a pixel of the cell where the frame's pixel nearest to it is left out. Undefined where no frame has any such pixel. */
export function leftOutSamples(
  frames: readonly PreparedFrame[],
  cell: Pick<CellRect, 'width' | 'height'>,
  wantsMap: boolean,
): LeftOutSamples | undefined {
  if (!frames.some(({ frame }) => frame.leftOut)) return undefined;
  const pixels = cell.width * cell.height;
  const room = sharedPasses();
  const missed = wantsMap ? room.take(2 * pixels) : 0;
  const counted = () => new Uint16Array(room.buffer, missed, pixels);
  if (wantsMap) counted().fill(0);
  const count = frames.reduce(
    (sum, prepared) => sum + room.within(() => missedSamples(room, prepared, cell, missed)),
    0,
  );
  if (count === 0) return undefined;
  return { count, ...(wantsMap && { map: counted().slice() }) };
}

function missedSamples(
  room: SamplePasses,
  { frame, map, rect }: PreparedFrame,
  cell: Pick<CellRect, 'width' | 'height'>,
  missed: number,
): number {
  if (!frame.leftOut) return 0;
  // what the edges take away no frame shows
  const { x: edgeX, y: edgeY } = frame.edges ?? { x: 0, y: 0 };
  const [x0, y0] = [Math.max(rect.x0, edgeX), Math.max(rect.y0, edgeY)];
  const width = Math.min(rect.x0 + rect.width, frame.nx - edgeX) - x0;
  const height = Math.min(rect.y0 + rect.height, frame.ny - edgeY) - y0;
  if (width <= 0 || height <= 0) return 0;
  const listed = pixelsOfRows(frame.leftOut, frame.nx, y0, height);
  if (listed.length === 0) return 0;
  const list = room.put(listed);
  const blocks = room.put(map);
  const spare = room.take(COLUMN_BYTES + 8 * Math.ceil(width / 64) * height);
  return room.passes.missedSamples(
    list,
    listed.length,
    frame.nx,
    x0,
    y0,
    width,
    height,
    blocks,
    cell.width,
    cell.height,
    missed,
    spare,
  );
}

/** Adds them to what was rejected above, in place where there are maps: in every plane alike, for they are left out as what is too bright. */
export function withLeftOut(
  stack: StackResult,
  planes: number,
  leftOut: LeftOutSamples | undefined,
): StackResult {
  if (!leftOut) return stack;
  const { count, map } = leftOut;
  const { rejected, rejectedMaps } = stack;
  if (rejectedMaps && map) addToMaps(rejectedMaps.high, map);
  return { ...stack, rejected: { ...rejected, high: rejected.high + planes * count } };
}

function addToMaps(rejected: Uint32Array, map: Uint16Array): void {
  for (let from = 0; from < rejected.length; from += map.length)
    for (let k = 0; k < map.length; k++) rejected[from + k] += map[k];
}
