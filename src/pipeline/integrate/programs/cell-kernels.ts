// The kernels of which a plan tells how they will be called: a device can make them ready while levels are still worked out.
import type { KernelCall } from '../../../compute/backend.js';
import type { Cell } from '../../planning/cells/cell.js';
import type { SensorLayout } from '../windows/integration-frame.js';
import { warpCalls, type WarpSettings } from './frame-program.js';
import { GUARD_SLOTS } from './guard-program.js';
import { stackStem } from './rejection.js';
import { guards, type StackSettings } from './stack-program.js';

/** Those that are built in several ways: warps of frames of these `kinds`, and stacks of so many frames as lie over the cells. */
export function cellKernels(
  cells: readonly Pick<Cell, 'frames'>[],
  kinds: ReadonlySet<SensorLayout['kind']>,
  settings: WarpSettings & StackSettings,
): KernelCall[] {
  const warps = [...kinds].flatMap((kind) => warpCalls(kind, settings));
  const depths = new Set(cells.map(({ frames }) => frames.length));
  const stacks = [...depths].flatMap((slots): KernelCall[] => {
    const stack = { stem: stackStem(settings), params: { slots } };
    if (!guards(settings)) return [stack];
    return [{ stem: 'stack-median', params: { slots: slots + GUARD_SLOTS } }, stack];
  });
  return [...warps, ...stacks];
}
