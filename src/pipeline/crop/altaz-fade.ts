// Stacks of panels from an alt-azimuth mount fade out towards the borders that are cleaned, so that they go over into their neighbours.
import type { RunConfig } from '../../config/table.js';
import type { FrameGroups } from '../grouping/frame-groups.js';
import { frameExtent } from '../planning/grid/frame-extent.js';
import { outlineOnGrid, type OutputGrid } from '../planning/grid/output-grid.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';
import { CELL_PX, CoverageMask } from '../tiles/coverage-mask.js';
import { altazPanels } from './altaz-cleanup.js';
import { altazMask, type PanelOutlines } from './altaz-mask.js';

/** Factor of the weight of a stack at a pixel of the grid, 0-based, above 0 up to 1. */
export type StackFade = (x: number, y: number) => number;

/** What has faded out counts where nothing else is, and nowhere else. */
const LEAST = 1e-3;
/** Around the frames of a group, so that the border of its window is none of its own. */
const PADDING_PX = 16;

/** How the stacks of `groups` fade; undefined for those that hold frames of another mount, all of them where the settings ask for none. */
export function altazFades(
  config: RunConfig,
  frames: readonly PlacedFrame[],
  grid: OutputGrid,
  { groups }: Pick<FrameGroups, 'groups'>,
): (StackFade | undefined)[] {
  const { altaz_cleanup_enabled: isOn, altaz_margin_percent: percent, altaz_decay: decay } = config;
  if (!isOn || percent === 0) return groups.map(() => undefined);
  const turning = new Set(altazPanels(frames, config).flat());
  return groups.map((group) => {
    if (!group.every((f) => turning.has(f))) return undefined;
    const outlines = group.map((f) => outlineOnGrid(frameExtent(frames[f], config), grid));
    const marginPx = (percent / 100) * Math.min(...outlines.map(shorterSide));
    return borderFade(outlines, grid, marginPx, decay);
  });
}

/**
 * (d / margin)^(1 / decay) at the distance d from where too few of the frames overlap, as the reference program has it, no less than 0.001. The distance is that
 * of a mask of cells (`CoverageMask`); memory: a float for each of 8 x 8 pixels around the frames.
 */
export function borderFade(
  outlines: PanelOutlines,
  { nx, ny }: Pick<OutputGrid, 'nx' | 'ny'>,
  marginPx: number,
  decay: number,
): StackFade {
  const along = (axis: 0 | 1, size: number) => {
    let [least, most] = [Infinity, -Infinity];
    for (const outline of outlines) {
      for (let k = axis; k < outline.length; k += 2) {
        least = Math.min(least, outline[k]);
        most = Math.max(most, outline[k]);
      }
    }
    const first = Math.floor(Math.max(0, least)) - PADDING_PX;
    return [first, Math.ceil(Math.min(size - 1, most)) + PADDING_PX + 1 - first] as const;
  };
  const [[x0, width], [y0, height]] = [along(0, nx), along(1, ny)];
  const keep = altazMask(
    [outlines.map((outline) => outline.map((v, k) => v - (k % 2 ? y0 : x0)))],
    [],
    width,
    height,
  );
  const mask = new CoverageMask(width, height);
  // One row tells a row of the mask's cells.
  for (let y0 = 0; y0 < height; y0 += CELL_PX) {
    const row = keep(Math.min(y0 + CELL_PX / 2, height - 1));
    for (let y = y0; y < Math.min(y0 + CELL_PX, height); y++) mask.addRow(y, (x) => row[x] === 1);
  }
  return (x, y) => {
    const share = mask.distanceToEdge(x - x0, y - y0) / marginPx;
    return share >= 1 ? 1 : Math.max(LEAST, share ** (1 / decay));
  };
}

/** Of a frame, in pixels of the grid: the outline goes round it with as many points on each side. */
function shorterSide(outline: Float64Array): number {
  const corners = [0, 1, 2].map((k) => (k * outline.length) / 4);
  const [a, b] = [0, 1].map((k) =>
    Math.hypot(
      outline[corners[k + 1]] - outline[corners[k]],
      outline[corners[k + 1] + 1] - outline[corners[k] + 1],
    ),
  );
  return Math.min(a, b);
}
