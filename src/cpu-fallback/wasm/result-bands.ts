// Results of a guarded stack that are lent in bands of rows: two bands take memory, in turn, in place of a whole cell's. Each of its pages would be touched for the first time for one cell or two.
import type { Handle, Program } from '../../compute/backend.js';
import { bandRows } from './row-bands.js';
import type { ResultBand, WasmKernelOp, WasmOp } from './wasm-ops.js';

/** Pixels of a band, at least: for each thread some sixteen blocks, so that none waits long for the others at its end. */
const THREAD_PIXELS = 2 ** 16;
export const bandPixels = (threads: number): number => threads * THREAD_PIXELS;
/** Fewer bands would take hardly less memory than all of the results. */
const LEAST_BANDS = 3;

/** Roles of a stack that have a value for every pixel, and those of its sums. */
const RESULTS = ['mean', 'weight', 'used'];
const SUMS = ['rejected_low', 'rejected_high', 'guarded_low', 'guarded_high'];

/** The operations of a program that lends rows, with its last kernel in bands where that is a guarded stack that nobody but the reads looks at. */
export function withBands(
  ops: readonly WasmOp[],
  { lend, lendsRows }: Program,
  threads: number,
): readonly WasmOp[] {
  const call = lend && lendsRows && ops.find(isSummingStack);
  if (!call) return ops;
  const { width, planes } = call.params;
  const { height } = lendsRows;
  const rows = bandRows(width, bandPixels(threads));
  const count = Math.ceil(height / rows);
  if (count < LEAST_BANDS || call.params.rows !== height || planes !== lendsRows.planes) return ops;
  const roles = new Map([...RESULTS, ...SUMS].map((role) => [call.buffers[role], role]));
  if (!areOnlyRead(ops, call, roles)) return ops;
  const made = new Map(Array.from(roles, ([handle]) => [handle, [] as Handle[]]));
  const handleFor = (role: string, band: number): Handle => {
    const whole = call.buffers[role];
    const own = made.get(whole)!;
    // results take turns; sums are two words
    const turn = SUMS.includes(role) ? band : band % 2;
    return (own[turn] ??= SUMS.includes(role) ? { ...whole } : { ...whole, length: planes * rows * width });
  };
  const reads = ops.filter((op) => op.op === 'read').map(({ handle }) => roles.get(handle)!);
  const bands = Array.from({ length: count }, (_, band): ResultBand => {
    const first = band * rows;
    const own = { first, count: Math.min(rows, height - first) };
    const buffers = Object.fromEntries([...roles.values()].map((role) => [role, handleFor(role, band)]));
    const lengths = reads.map((role) =>
      SUMS.includes(role) ? buffers[role].length : planes * own.count * width,
    );
    return { rows: own, buffers, reads: reads.map((role) => buffers[role]), lengths };
  });
  return ops.flatMap((op): WasmOp | WasmOp[] => {
    if (op === call) return { ...call, buffers: { ...call.buffers, ...bands[0].buffers }, bands };
    if (op.op === 'kernel') return op;
    const own = made.get(op.handle);
    if (!own) return op;
    return op.op === 'read' ? [] : own.map((handle) => ({ ...op, handle }));
  });
}

const isSummingStack = (op: WasmOp): op is WasmKernelOp =>
  op.op === 'kernel' && op.stem === 'guarded-stack' && op.params.sumsCounts === 1;

/** True where the program makes what the call writes, reads it whole, beside which it reads nothing, and frees it. */
function areOnlyRead(
  ops: readonly WasmOp[],
  call: WasmKernelOp,
  roles: ReadonlyMap<Handle, string>,
): boolean {
  const frees = new Set<Handle>();
  const allocs = new Set<Handle>();
  for (const op of ops) {
    if (op === call) continue;
    if (op.op === 'kernel') {
      for (const role in op.buffers) if (roles.has(op.buffers[role])) return false;
    } else if (op.op === 'read') {
      const { handle, offset = 0, length = handle.length, sum } = op;
      if (!roles.has(handle) || offset !== 0 || length !== handle.length || sum) return false;
    } else if (roles.has(op.handle)) {
      if (op.op === 'upload') return false;
      (op.op === 'alloc' ? allocs : frees).add(op.handle);
    }
  }
  return allocs.size === roles.size && frees.size === roles.size;
}
