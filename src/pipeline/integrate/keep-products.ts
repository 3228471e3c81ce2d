// Every stage's product of chosen cells, kept as described files, so that one kernel can be run on it again (keep_debug_cells).
import type { Workspace } from '../../cleanup/workspace.js';
import type { CellContext } from './integrate-cell.js';

/** Which cells are to be kept stage by stage: '' none, 'all', or their numbers. */
export function debugSelection(setting: string): (index: number) => boolean {
  if (setting === 'all') return () => true;
  const chosen = new Set(setting.split(',').filter(Boolean).map(Number));
  return (index) => chosen.has(index);
}

/**
 * Keepers that write each product as a `.dat` with its sidecar: window products `[planes, height, width]`, stack products over the cell. A
 * cell that is computed again, or in parts, has its further products numbered.
 */
export function productKeepers(
  workspace: Workspace,
  cellIndex: number,
): () => NonNullable<CellContext['keepProduct']> {
  let tries = 0;
  return () => {
    const cell = `cell_${cellIndex}${tries === 0 ? '' : `_again_${tries}`}`;
    tries++;
    return (slot, product, rect) => keepProduct(workspace, cell, slot, product, rect);
  };
}

async function keepProduct(
  workspace: Workspace,
  cell: string,
  ...[slot, { name, data }, rect]: Parameters<NonNullable<CellContext['keepProduct']>>
): Promise<void> {
  const what = `${cell}_${slot === 'stack' ? slot : `slot_${slot}`}_${name}`;
  const pixels = rect.width * rect.height;
  const whole = data.length % pixels === 0;
  const [nx, ny, planes] = whole ? [rect.width, rect.height, data.length / pixels] : [data.length, 1, 1];
  const memmap = await workspace.createMemmap({
    what,
    nx,
    ny,
    planes,
    meaning: 'pipeline_meaning_stage_product',
    description: `window x0 ${rect.x0}, y0 ${rect.y0}`,
  });
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  for (let plane = 0; plane < planes; plane++) {
    const region = { plane, x0: 0, y0: 0, width: nx, height: ny };
    await memmap.writeRegion(region, values.subarray(plane * nx * ny, (plane + 1) * nx * ny));
  }
  // there may be thousands
  await workspace.leaveMemmap(memmap);
}
