// A cell that is too large for the device is computed in parts: blocks are anchored to the grid, so its bytes stay the same.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { DeviceCapacityError } from '../../compute/device-error.js';
import type { Cell } from '../planning/cells/cells.js';
import {
  type CellContext,
  type CellHooks,
  integrateCell,
  prepareCell,
  type PreparedCell,
} from './integrate-cell.js';
import type { StackResult } from './programs/stack-program.js';

/** A cell, or a part of one, and what was stacked there. */
export interface IntegratedPart {
  readonly cell: Cell;
  readonly result: StackResult;
}

/** Halves of a cell across its longer side, whole blocks each; undefined for a cell of one block. */
export function halvesOf({ rect, frames }: Cell): readonly [Cell, Cell] | undefined {
  const { x0, y0, width, height } = rect;
  const blocks = Math.ceil(Math.max(width, height) / BLOCK_SIZE);
  if (blocks < 2) return undefined;
  const cut = Math.ceil(blocks / 2) * BLOCK_SIZE;
  return width >= height
    ? [
        { frames, rect: { x0, y0, width: cut, height } },
        { frames, rect: { x0: x0 + cut, y0, width: width - cut, height } },
      ]
    : [
        { frames, rect: { x0, y0, width, height: cut } },
        { frames, rect: { x0, y0: y0 + cut, width, height: height - cut } },
      ];
}

export interface PartHooks extends CellHooks {
  /** Called for every part of a cell that the device had no room for. */
  readonly whenSplit: () => void;
}

/**
 * Integrates a cell, in halves of halves where the device has no room for it; parts that no frame reaches, or that `takeStack` has had, are left out. Rejects with
 * the DeviceCapacityError when even one block is too much.
 */
export async function integrateInParts(
  cell: Cell,
  prepared: PreparedCell | undefined,
  contextOf: () => CellContext,
  hooks: PartHooks,
): Promise<IntegratedPart[]> {
  const context = contextOf();
  try {
    const result = await integrateCell(
      prepared ?? prepareCell(cell, context, context.backend),
      context,
      hooks,
    );
    return result ? [{ cell, result }] : [];
  } catch (error) {
    const halves = error instanceof DeviceCapacityError ? halvesOf(cell) : undefined;
    if (halves === undefined) throw error;
    hooks.whenSplit();
    const parts: IntegratedPart[] = [];
    for (const half of halves) parts.push(...(await integrateInParts(half, undefined, contextOf, hooks)));
    return parts;
  }
}
