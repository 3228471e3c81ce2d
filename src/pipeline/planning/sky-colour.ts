// The colour of the sky's changes, from frames that saw the same sky: what they differ by holds no nebula.
import type { FrameLevels } from '../../photometry/level-observations.js';
import { mainAxis } from '../../photometry/main-axis.js';

/** The gradients by which frames differ must be of one colour to this share for it to be that of the sky's changes. */
const SKY_COLOUR_SHARE = 0.9;
/** Gradients that a colour is told from, and nodes that two frames must share for one. */
const MIN_GRADIENTS = 3;
const MIN_SHARED = 24;

/**
 * Colour (unit length, one number a channel) of the gradients by which each frame differs from the one whose nodes lie nearest; undefined where they have no
 * common one. `lists[channel][frame]`, their nodes numbered row by row over a grid `blocksX` wide, those of one frame alike in all channels.
 */
export function skyColourOf(
  lists: readonly (readonly FrameLevels[])[],
  blocksX: number,
): number[] | undefined {
  const middles = lists[0].map(({ node }) => {
    let [x, y] = [0, 0];
    for (const n of node) {
      x += n % blocksX;
      y += Math.floor(n / blocksX);
    }
    return [x / node.length, y / node.length];
  });
  const gradients = middles.flatMap(([x, y], f) => {
    let [nearest, least] = [-1, Infinity];
    // Each pair once: the nearest of those that follow.
    for (let g = f + 1; g < middles.length; g++) {
      const distance = Math.hypot(middles[g][0] - x, middles[g][1] - y);
      if (distance < least) [nearest, least] = [g, distance];
    }
    return nearest < 0 ? [] : gradientsBetween(lists, f, nearest);
  });
  if (gradients.length < MIN_GRADIENTS) return undefined;
  const covariance = lists.map((_, i) =>
    lists.map((__, j) => gradients.reduce((sum, v) => sum + v[i] * v[j], 0)),
  );
  const { axis, share } = mainAxis(covariance);
  return share >= SKY_COLOUR_SHARE ? axis : undefined;
}

/**
 * Slopes of what frame f shows above g, one number a channel: along X, and along Y beyond what those hold of it, each in units of its own error (times the noise
 * of a node), as a narrow overlap tells nothing of slopes across it. None where they share too little.
 */
function gradientsBetween(lists: readonly (readonly FrameLevels[])[], f: number, g: number): number[][] {
  const [own, shown] = [lists.map((list) => list[f]), lists.map((list) => list[g])];
  const { node, x, y } = own[0];
  const others = shown[0].node;
  // nodes of a frame come in the order of their numbers
  const pairs = new Int32Array(2 * Math.min(node.length, others.length));
  let count = 0;
  for (let i = 0, j = 0; i < node.length && j < others.length;) {
    if (node[i] < others[j]) i++;
    else if (node[i] > others[j]) j++;
    else {
      let known = true;
      for (let c = 0; c < own.length; c++) known &&= Number.isFinite(own[c].level[i] - shown[c].level[j]);
      if (known) {
        pairs[2 * count] = i;
        pairs[2 * count++ + 1] = j;
      }
      i++;
      j++;
    }
  }
  if (count < MIN_SHARED) return [];
  const ofPairs = (value: (i: number, j: number) => number) => {
    const values = new Float64Array(count);
    for (let k = 0; k < count; k++) values[k] = value(pairs[2 * k], pairs[2 * k + 1]);
    return centred(values);
  };
  const dx = ofPairs((i) => x[i]);
  const dy = ofPairs((i) => y[i]);
  const differences = own.map(({ level }, c) => {
    const other = shown[c].level;
    return ofPairs((i, j) => level[i] - other[j]);
  });
  // Squares are 0 where the shared nodes lie in one column.
  const slope = product(dx, dy) / Math.max(product(dx, dx), Number.MIN_VALUE);
  const beyond = dy.map((v, k) => v - slope * dx[k]);
  return [dx, beyond].flatMap((axis) => {
    const extent = Math.sqrt(product(axis, axis));
    return extent > 0 ? [differences.map((values) => product(axis, values) / extent)] : [];
  });
}

/** Takes the mean from values, in place. */
function centred(values: Float64Array): Float64Array {
  let sum = 0;
  for (const v of values) sum += v;
  const mean = sum / values.length;
  for (let k = 0; k < values.length; k++) values[k] -= mean;
  return values;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
