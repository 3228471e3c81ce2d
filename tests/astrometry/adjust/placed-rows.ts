// Rows of links as the adjustment takes them, of lists.
import type { LinkRows } from '../../../src/astrometry/adjust/system-types.js';
import { SamplePasses } from '../../../src/simd/sample-passes.js';

export interface RowLists {
  readonly start: Int32Array;
  readonly node: Int32Array;
  /** What is not told is 0, and believed as much as it weighs. */
  readonly star?: Int32Array;
  readonly base?: Float32Array;
  readonly raw?: Float32Array;
  readonly believed?: Float32Array;
  readonly weight: Float32Array;
}

/** In a memory of their own. */
export function placedRows(lists: RowLists): LinkRows {
  const memory = new SamplePasses();
  const { start, node, weight } = lists;
  const count = node.length;
  const {
    star = new Int32Array(count),
    base = new Float32Array(2 * count),
    raw = new Float32Array(2 * count),
    believed = weight,
  } = lists;
  const [starts, stars, nodes] = [start, star, node].map((of) => memory.put(of));
  const [bases, raws, beliefs, weights] = [base, raw, believed, weight].map((of) => memory.put(of));
  return {
    ...{ memory, count, start },
    at: {
      ...{ start: starts, star: stars, node: nodes, base: bases, raw: raws },
      ...{ believed: beliefs, weight: weights },
    },
  };
}

/** What the links weigh now. */
export const weightsOf = ({ memory, at, count }: LinkRows): Float32Array =>
  new Float32Array(memory.buffer, at.weight, count).slice();
