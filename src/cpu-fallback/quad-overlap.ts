// Area that a quadrilateral has in common with an axis-aligned square: by Green's theorem, edge by edge.

/** Mean of max(y, 0) along a line from y = a to y = b. */
function ramp(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  if (low >= 0) return (a + b) / 2;
  return high <= 0 ? 0 : high ** 2 / (2 * (high - low));
}

/** Part of the square of side `side` about (cx, cy) that lies in the quadrilateral with corners (x[i], y[i]), convex, in either sense of rotation. */
export function quadOverlap(
  x: readonly number[],
  y: readonly number[],
  cx: number,
  cy: number,
  side: number,
): number {
  let area = 0;
  for (let i = 0; i < 4; i++) {
    const j = (i + 1) & 3;
    const [x1, y1] = [(x[i] - cx) / side + 0.5, (y[i] - cy) / side + 0.5];
    const [x2, y2] = [(x[j] - cx) / side + 0.5, (y[j] - cy) / side + 0.5];
    const from = Math.min(Math.max(x1, 0), 1);
    const to = Math.min(Math.max(x2, 0), 1);
    if (from === to) continue;
    const slope = (y2 - y1) / (x2 - x1);
    const [a, b] = [y1 + (from - x1) * slope, y1 + (to - x1) * slope];
    // between the square's lower side and the edge, and not above its upper side
    area += (to - from) * (ramp(a, b) - ramp(a - 1, b - 1));
  }
  return Math.abs(area);
}
