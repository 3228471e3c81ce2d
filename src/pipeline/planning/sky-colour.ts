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
  const middles = lists[0].map(({ node }) => [
    node.reduce((sum, n) => sum + (n % blocksX), 0) / node.length,
    node.reduce((sum, n) => sum + Math.floor(n / blocksX), 0) / node.length,
  ]);
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
  const other = new Map(Array.from(lists[0][g].node, (n, i) => [n, i]));
  const { node, x, y } = lists[0][f];
  const pairs = Array.from(node.keys()).flatMap((i) => {
    const j = other.get(node[i]);
    return j !== undefined && lists.every((list) => Number.isFinite(list[f].level[i] - list[g].level[j]))
      ? [[i, j] as const]
      : [];
  });
  if (pairs.length < MIN_SHARED) return [];
  const dx = centred(pairs.map(([i]) => x[i]));
  const dy = centred(pairs.map(([i]) => y[i]));
  const differences = lists.map((list) =>
    centred(pairs.map(([i, j]) => list[f].level[i] - list[g].level[j])),
  );
  // Squares are 0 where the shared nodes lie in one column.
  const slope = product(dx, dy) / Math.max(product(dx, dx), Number.MIN_VALUE);
  const beyond = dy.map((v, k) => v - slope * dx[k]);
  return [dx, beyond].flatMap((axis) => {
    const extent = Math.sqrt(product(axis, axis));
    return extent > 0 ? [differences.map((values) => product(axis, values) / extent)] : [];
  });
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.map((v) => v - mean);
}

function product(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, k) => sum + v * b[k], 0);
}
