// Warps of CFA windows as this backend does them (inner-contracts.ts, warp-window): where a program decodes a window only for its warp, and fixes hot pixels between,
// that is one step, and the window stays as its file has it.
import type { Handle } from '../../compute/backend.js';
import { SAMPLE_I16 } from '../../compute/contracts/decode.js';
import { freeOfDecoded, type KernelStep, type Step, usersOf } from './op-users.js';
import type { WasmKernelOp } from './wasm-ops.js';

type Params = Readonly<Record<string, number>>;

/** What the call of a window has beside the parameters of its warp. */
interface StoredParams {
  readonly hasBlank: number;
  readonly blank: number;
  readonly scale: number;
  readonly zero: number;
  readonly fix: Params | undefined;
}

/** Like samples of a CFA are two pixels apart. */
const STEP = 2;

/** The operations with a warp-window in place of every warp-cfa, and of the steps before it that it does. */
export function withWindows(ops: readonly Step[]): readonly Step[] {
  if (!ops.some((op) => op.op === 'kernel' && op.stem === 'warp-cfa')) return ops;
  const users = usersOf(ops);
  const made = new Map<Step, readonly Step[]>();
  for (const op of ops) {
    if (op.op !== 'kernel' || op.stem !== 'warp-cfa') continue;
    const stored = storedWindow(op, users);
    if (stored) for (const gone of [...stored.gone, stored.freed]) made.set(gone, []);
    const { cfa, ...buffers } = op.buffers;
    const call: WasmKernelOp = {
      op: 'kernel',
      stem: 'warp-window',
      countsAs: 'warp-cfa',
      params: windowParams(op.params, stored?.params),
      buffers: { ...buffers, window: stored?.raw ?? cfa },
    };
    made.set(op, stored ? [call, stored.freed] : [call]);
  }
  return ops.flatMap((op) => made.get(op) ?? [op]);
}

interface StoredWindow {
  readonly raw: Handle;
  readonly params: StoredParams;
  /** Steps that are not needed any more. */
  readonly gone: readonly Step[];
  /** What frees it, to come after the warp. */
  readonly freed: Step;
}

/** The window as the program uploads it, where all that it becomes on the way to the warp is the program's own. */
function storedWindow(
  warp: KernelStep,
  users: ReadonlyMap<Handle, readonly Step[]>,
): StoredWindow | undefined {
  const { cfa } = warp.buffers;
  const last = makerOf(cfa, warp, users);
  if (!last) return undefined;
  const fix = last.maker.stem === 'fix-hot-pixels' ? last.maker : undefined;
  const { image } = last.maker.buffers;
  const first = fix ? makerOf(image, fix, users) : last;
  if (first?.maker.stem !== 'decode' || !isWhole(first.maker.params, warp.params)) return undefined;
  if (fix && !isAlike(fix.params, warp.params)) return undefined;
  const { raw } = first.maker.buffers;
  // the warp finds it as the decode does, and tables of it are of this warp alone
  const freed = freeOfDecoded(raw, first.maker, users);
  if (!freed) return undefined;
  const { hasBlank, blank, scale, zero } = first.maker.params;
  return {
    raw,
    params: { hasBlank, blank, scale, zero, fix: fix?.params },
    gone: fix ? [...first.gone, ...last.gone] : first.gone,
    freed,
  };
}

/** Each property by its name: copies by `...` of so many V8 makes slowly, into tables of several kilobytes, and small cells ask for tens of thousands. */
function windowParams(warp: Params, stored: StoredParams | undefined): Params {
  const fix = stored?.fix;
  return {
    cellWidth: warp.cellWidth,
    cellHeight: warp.cellHeight,
    windowWidth: warp.windowWidth,
    windowHeight: warp.windowHeight,
    windowX: warp.windowX,
    windowY: warp.windowY,
    frameWidth: warp.frameWidth,
    frameHeight: warp.frameHeight,
    slot: warp.slot,
    slots: warp.slots,
    pattern: warp.pattern,
    kernel: warp.kernel,
    centreX: warp.centreX,
    centreY: warp.centreY,
    invScale: warp.invScale,
    isStored: stored ? 1 : 0,
    hasBlank: stored?.hasBlank ?? 0,
    blank: stored?.blank ?? 0,
    scale: stored?.scale ?? 1,
    zero: stored?.zero ?? 0,
    fixes: fix ? 1 : 0,
    originX: fix?.originX ?? 0,
    originY: fix?.originY ?? 0,
    threshold00: fix?.threshold00 ?? 0,
    threshold01: fix?.threshold01 ?? 0,
    threshold10: fix?.threshold10 ?? 0,
    threshold11: fix?.threshold11 ?? 0,
    isolation: fix?.isolation ?? 0,
    blanks: fix?.blanks ?? 0,
    regionBytes: 0,
  };
}

/** The kernel that makes an image that only `user` looks at and the program frees, with all steps that do nothing else. */
function makerOf(
  image: Handle,
  user: KernelStep,
  users: ReadonlyMap<Handle, readonly Step[]>,
): { readonly maker: KernelStep; readonly gone: readonly Step[] } | undefined {
  const [alloc, maker, reader, free, ...others] = users.get(image) ?? [];
  const isOwn = alloc?.op === 'alloc' && maker?.op === 'kernel' && reader === user && free?.op === 'free';
  return isOwn && others.length === 0 ? { maker, gone: [alloc, maker, free] } : undefined;
}

/** True of a decode of the very window. */
function isWhole({ sampleType, rowSamples, firstSample, width, height }: Params, warp: Params): boolean {
  const fits = width === warp.windowWidth && height === warp.windowHeight;
  return sampleType === SAMPLE_I16 && rowSamples === width && firstSample === 0 && fits;
}

/** True of fixes on the very window, as a CFA needs them. */
function isAlike({ step, width, height }: Params, warp: Params): boolean {
  return step === STEP && width === warp.windowWidth && height === warp.windowHeight;
}
