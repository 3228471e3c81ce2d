// One cell from stacks of groups of frames: each group is integrated by itself, and the stacks are averaged by their weights.
import { withPasses } from '../../simd/sample-passes.js';
import type { Cell } from '../planning/cells/cells.js';
import type { StackFade } from '../crop/altaz-fade.js';
import { integrateInParts, type IntegratedPart, type PartHooks } from './cell-parts.js';
import type { CellContext } from './integrate-cell.js';
import { StackSum } from './stack-sum.js';

/** The groups of a run as the integration takes them. */
export interface StackGroups {
  readonly groups: readonly (readonly number[])[];
  /** In how many of them each frame is; its weight is divided by this already. */
  readonly counts: Uint32Array;
  /** How the stack of each group fades towards its borders; absent: none does. */
  readonly fades?: readonly (StackFade | undefined)[];
}

/** One stack over a cell, or over a part of it, and its group's number. */
export type WhenStacked = (group: number, part: IntegratedPart) => Promise<void>;

/** Rejects as `integrateInParts`. */
export async function integrateGroups(
  cell: Cell,
  planes: number,
  { groups, counts, fades = [] }: StackGroups,
  contextOf: () => CellContext,
  hooks: PartHooks,
  whenStacked: WhenStacked = () => Promise.resolve(),
): Promise<IntegratedPart[]> {
  const inCell = new Set(cell.frames);
  const fade = fades.some((one) => one);
  return withPasses(async (room) => {
    const sum = new StackSum(room, cell.rect, planes, fade);
    for (const [number, group] of groups.entries()) {
      const frames = Uint32Array.from(group.filter((f) => inCell.has(f)));
      if (frames.length === 0) continue;
      // a sample of a frame that stands in k groups is counted k times
      const share = frames.reduce((s, f) => s + 1 / counts[f], 0) / frames.length;
      const parts = await integrateInParts({ rect: cell.rect, frames }, undefined, contextOf, hooks);
      for (const part of parts) {
        sum.add(part.cell.rect, part.result, share, fades[number]);
        await whenStacked(number, part);
      }
    }
    return [{ cell, result: sum.result() }];
  });
}
