// Steps of a program that the backend does as one. Run one at a time they give the same result.
import type { Handle, Op } from '../../compute/backend.js';
import { BLANK_VALUE, BLOCK_SIZE } from '../../compute/constants.js';
import { decodeInPlace } from './decode-in-place.js';
import { SUM_WORDS, type WasmStem } from './inner-contracts.js';
import type { KernelOp, WasmKernelOp, WasmOp } from './wasm-ops.js';
import { withWindows } from './window-steps.js';

/**
 * The operations as they are to be run. Where a program guards a cube and stacks it, and nobody looks at the cube and at the guard's medians afterwards, the
 * three kinds of steps become one call of guarded-stack, and the medians are never allocated; nor are maps of rejected samples, where only their sums are read.
 * Float32 samples are decoded where they have come.
 */
export function fuseSteps(ops: readonly Op[]): readonly WasmOp[] {
  const found = findGuardedStack(ops);
  return decodeInPlace(withWindows(found ? fused(ops, found) : ops)).map((op) =>
    op.op === 'kernel' && !('countsAs' in op) ? { ...op, stem: op.stem as WasmStem, countsAs: op.stem } : op,
  );
}

interface GuardedStack {
  readonly blanks: Op;
  readonly median: KernelOp;
  /** A deep cube has thousands. */
  readonly guards: ReadonlySet<KernelOp>;
  readonly stack: KernelOp;
}

/** Median, weight and number of samples: nobody else looks at them. */
const innerOf = ({ buffers: { mean, weight, used } }: KernelOp): readonly Handle[] => [mean, weight, used];

function fused(ops: readonly Op[], found: GuardedStack): readonly WasmOp[] {
  const { blanks, median, guards, stack } = found;
  const [{ params: guard, buffers }] = guards;
  const counts = {
    rejected_low: stack.buffers.rejected_low,
    rejected_high: stack.buffers.rejected_high,
    guarded_low: buffers.rejected_low,
    guarded_high: buffers.rejected_high,
  };
  const maps = Object.values(counts);
  const kernels = new Set<Op>([median, ...guards, stack]);
  const sumsCounts = maps.every((map) => isOnlySummed(ops, map, kernels));
  const inner = innerOf(median);
  const stays = (op: Op) =>
    op.op === 'kernel' ? op !== median && !guards.has(op) : op !== blanks && !inner.includes(op.handle);
  const call: WasmKernelOp = {
    op: 'kernel',
    stem: 'guarded-stack',
    countsAs: stack.stem,
    params: {
      ...stack.params,
      winsorise: stack.stem === 'stack-winsorised' ? 1 : 0,
      width: guard.width,
      maxSamples: guard.maxSamples,
      guardLow: guard.kappaLow,
      guardHigh: guard.kappaHigh,
      slope: guard.slope,
      pairSlope: guard.pairSlope,
      sumsCounts: sumsCounts ? 1 : 0,
      stripRows: BLOCK_SIZE,
      regionBytes: 0,
      firstRow: 0,
      rows: stack.params.pixels / guard.width,
    },
    buffers: {
      ...stack.buffers,
      median_weights: median.buffers.frame_weights,
      guard_weights: buffers.frame_weights,
      ...counts,
    },
  };
  const at = ops.indexOf(stack);
  const between = ops.slice(ops.indexOf(median), at).filter(stays);
  const steps = [
    ...ops.slice(0, ops.indexOf(median)).filter(stays),
    ...between.filter((op) => op.op !== 'free'),
    call,
    ...between.filter((op) => op.op === 'free'),
    ...ops.slice(at + 1).filter(stays),
  ] as readonly WasmOp[];
  return sumsCounts ? withSums(steps, maps) : steps;
}

/** True where the program itself makes and frees a map, and beside `kernels` there are only reads of the sum of all of it. */
function isOnlySummed(ops: readonly Op[], map: Handle, kernels: ReadonlySet<Op>): boolean {
  const users = ops.filter((op) => !kernels.has(op) && touches(op, map));
  return (
    users[0]?.op === 'alloc' &&
    users.at(-1)?.op === 'free' &&
    users
      .slice(1, -1)
      .every((op) => op.op === 'read' && op.sum && !op.offset && (op.length ?? map.length) === map.length)
  );
}

/** The steps with sums in place of maps. */
function withSums(steps: readonly WasmOp[], maps: readonly Handle[]): readonly WasmOp[] {
  const sums = new Map(maps.map((map) => [map, { ...map, length: SUM_WORDS }]));
  const sumOf = (handle: Handle) => sums.get(handle) ?? handle;
  return steps.map((step): WasmOp => {
    if (step.op === 'kernel') {
      const buffers = Object.entries(step.buffers).map(([role, handle]) => [role, sumOf(handle)] as const);
      return { ...step, buffers: Object.fromEntries(buffers) };
    }
    const handle = sums.get(step.handle);
    if (!handle) return step;
    return step.op === 'read' ? { op: 'read', handle } : { ...step, handle };
  });
}

function findGuardedStack(ops: readonly Op[]): GuardedStack | undefined {
  const kernels = ops.filter((op) => op.op === 'kernel');
  const median = kernels.find(({ stem }) => stem === 'stack-median');
  if (!median) return undefined;
  const { cube, rejected_low: low, rejected_high: high } = median.buffers;
  const guards = kernels.filter(({ stem }) => stem === 'guard-few');
  const stack = kernels.find(({ stem }) => stem === 'stack-kappa-sigma' || stem === 'stack-winsorised');
  if (!stack || stack.buffers.cube !== cube) return undefined;
  const { pixels, planes, slots } = stack.params;
  if (guards.length !== slots || !guards.every((guard, slot) => isGuard(guard, slot, guards[0], median)))
    return undefined;
  const { width, height } = guards[0].params;
  const shaped = width * height === pixels && guards[0].params.planes === planes;
  if (!shaped || median.params.slots !== slots + 1 || guards[0].params.slots !== slots + 1) return undefined;
  const touching = (handle: Handle) => ops.filter((op) => op.op !== 'alloc' && touches(op, handle));
  const [blanks, ...users] = touching(cube);
  const ended = users.at(-1)?.op === 'free' && isSame(users.slice(0, -1), [median, ...guards, stack]);
  if (!ended || !isBlank(blanks, pixels * planes)) return undefined;
  const inner = innerOf(median).every((handle) => {
    const all = touching(handle);
    return (
      ops.some((op) => op.op === 'alloc' && op.handle === handle) &&
      all.at(-1)?.op === 'free' &&
      isSame(all.slice(0, -1), [median, ...guards])
    );
  });
  if (!inner) return undefined;
  // What the three steps share must stand unchanged from the first to the last, and their counts be looked at only afterwards.
  const from = ops.indexOf(median);
  const guarding = new Set(guards);
  const shared = [low, high, median.buffers.frame_weights, guards[0].buffers.frame_weights];
  const disturbed = ops
    .slice(from + 1, ops.indexOf(stack))
    .some(
      (op) =>
        op.op === 'read' ||
        ((op.op === 'upload' || (op.op === 'kernel' && !guarding.has(op))) &&
          shared.some((handle) => touches(op, handle))),
    );
  return disturbed ? undefined : { blanks, median, guards: guarding, stack };
}

/** A call of the guard for this slot, alike but for it, with the products of `median`. A deep cube has thousands: nothing is made for any of them. */
function isGuard(
  { buffers, params }: KernelOp,
  slot: number,
  first: KernelOp,
  { buffers: made }: KernelOp,
): boolean {
  if (params.slot !== slot) return false;
  for (const key in first.params) if (key !== 'slot' && params[key] !== first.params[key]) return false;
  for (const role in first.buffers) if (buffers[role] !== first.buffers[role]) return false;
  return (
    buffers.cube === made.cube &&
    buffers.median === made.mean &&
    buffers.weight === made.weight &&
    buffers.used === made.used &&
    buffers.rejected_low === made.rejected_low &&
    buffers.rejected_high === made.rejected_high
  );
}

function isSame(a: readonly Op[], b: readonly Op[]): boolean {
  return a.length === b.length && a.every((op, i) => op === b[i]);
}

/** Fills the first slot, of so many samples, with blanks. */
function isBlank(op: Op, samples: number): boolean {
  if (op.op !== 'upload' || (op.offset ?? 0) !== 0 || !(op.data instanceof Float32Array)) return false;
  return op.data.length * (op.times ?? 1) === samples && op.data.every((v) => v === BLANK_VALUE);
}

function touches(op: Op, handle: Handle): boolean {
  if (op.op !== 'kernel') return op.handle === handle;
  for (const role in op.buffers) if (op.buffers[role] === handle) return true;
  return false;
}
