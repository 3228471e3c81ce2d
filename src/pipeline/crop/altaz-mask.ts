// Ragged borders of panels whose frames turn against each other, as an alt-azimuth mount turns them: where few of a panel's frames overlap.

/** Frames of one panel, as outlines on the grid (x, y pairs, 0-based). */
export type PanelOutlines = readonly Float64Array[];

/** A pixel of a panel stays with this many of its frames, and with this share of the most that overlap in it. */
const LEAST_FRAMES = 3;
const LEAST_SHARE = 0.5;
/** Where that would leave less than this part of the panel, this share of the most is enough. */
const LEAST_AREA = 0.1;
const FALLBACK_SHARE = 0.25;
/** Rows between those by which a panel's overlap is judged. */
const JUDGED_ROWS = 8;

/** Pixels that stay, row by row: `keep(y)` is 1 where one of the panels is deep enough, or one of `others` reaches. The array is used again. */
export function altazMask(
  panels: readonly PanelOutlines[],
  others: PanelOutlines,
  nx: number,
  ny: number,
): (y: number) => Uint8Array {
  const limits = panels.map((panel) => frameLimit(panel, nx, ny));
  const counts = new Int32Array(nx + 1);
  const mask = new Uint8Array(nx);
  const raise = (outlines: PanelOutlines, limit: number, y: number) => {
    if (!countFrames(outlines, y, counts)) return;
    for (let x = 0, count = 0; x < nx; x++) if ((count += counts[x]) >= limit) mask[x] = 1;
  };
  return (y) => {
    mask.fill(0);
    panels.forEach((panel, p) => raise(panel, limits[p], y));
    raise(others, 1, y);
    return mask;
  };
}

/** Frames that must overlap in a panel for a pixel of it to stay. */
export function frameLimit(panel: PanelOutlines, nx: number, ny: number): number {
  const counts = new Int32Array(nx + 1);
  /** Pixels of the judged rows by the number of frames over them. */
  const areas = new Float64Array(panel.length + 1);
  for (let y = 0; y < ny; y += JUDGED_ROWS) {
    if (!countFrames(panel, y, counts)) continue;
    for (let x = 0, count = 0; x < nx; x++) {
      count += counts[x];
      areas[count]++;
    }
  }
  let most = panel.length;
  while (most > 0 && areas[most] === 0) most--;
  const areaFrom = (limit: number) =>
    areas.reduce((sum, area, count) => sum + (count >= limit ? area : 0), 0);
  const limit = Math.max(LEAST_FRAMES, LEAST_SHARE * most);
  return areaFrom(limit) >= LEAST_AREA * areaFrom(1) && areaFrom(limit) > 0 ? limit : FALLBACK_SHARE * most;
}

/** Differences along row `y` of the number of outlines over its pixels; false where there are none. */
function countFrames(outlines: PanelOutlines, y: number, counts: Int32Array): boolean {
  const last = counts.length - 1;
  counts.fill(0);
  let any = false;
  for (const outline of outlines) {
    const [x0, x1] = extentAt(outline, y);
    const [from, to] = [Math.max(0, Math.ceil(x0)), Math.min(last - 1, Math.floor(x1))];
    if (!(from <= to)) continue;
    counts[from]++;
    counts[to + 1]--;
    any = true;
  }
  return any;
}

/** Where a row crosses an outline, which is convex but for the bends of a projection; empty (first > last) beside it. */
function extentAt(outline: Float64Array, y: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const [ay, by] = [outline[j + 1], outline[i + 1]];
    if (Math.min(ay, by) > y || Math.max(ay, by) < y || ay === by) continue;
    const x = outline[j] + ((outline[i] - outline[j]) * (y - ay)) / (by - ay);
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  return [low, high];
}
