// The windows of a cell's frames in turn: small ones are read when they are asked for, others ahead by the thread pool.
import { setImmediate } from 'node:timers/promises';
import { readCalibration, type CalibrationWindow } from '../../calibration/frame-calibration.js';
import { FitsError } from '../../../fits/fits-error.js';
import type { PixelHdu } from '../../../fits/hdu.js';
import type { ReadMemory } from '../../../fits/read/read-buffers.js';
import type { StageLedger } from '../../stage-ledger.js';
import type { FrameFiles } from './frame-files.js';
import { isStored, readSamples, storedSamples, type WindowSamples } from './frame-window.js';
import { readOfFrame } from './lost-frame-error.js';
import type { PreparedFrame } from './prepared-frame.js';
import { leaveOut } from './leave-out.js';
import { repairDefects } from './repair-defects.js';

/** Windows read ahead of the device. */
const READ_AHEAD = 3;

/** While the device is busy with the cell before, this thread has nothing to do: small windows are read then, up to so many bytes ... */
const IDLE_BYTES = 2 ** 22;
/** ... for so many milliseconds at a time, between which it is asked whether the device is done. */
const IDLE_TURN_MS = 1;

/** What is read of a frame for a cell. */
export interface FrameReads {
  readonly samples: WindowSamples;
  readonly masters?: CalibrationWindow;
  /** To be called when nobody looks at the samples any more: their memory serves the next read. */
  readonly done: () => void;
}

export interface WindowReads {
  /** The reads of a slot, once; slots in ascending order. At once where the window is small and the disk is fast. */
  next(slot: number): FrameReads | Promise<FrameReads>;
  /** Reads small windows ahead until one is asked for: for a time in which nobody needs this thread. */
  readIdly(): void;
}

export interface ReadContext {
  readonly files: FrameFiles;
  readonly ledger: StageLedger;
  readonly settings: { readonly drizzle?: unknown };
}

/** Stored bytes are read into `memory`. */
export function readAhead(
  frames: readonly PreparedFrame[],
  context: ReadContext,
  memory: ReadMemory = context.files.buffers,
): WindowReads {
  const started = new Map<number, Promise<FrameReads>>();
  const read = new Map<number, FrameReads>();
  const start = (slot: number): Promise<FrameReads> => {
    const promise = readLater(frames[slot], context, memory);
    // The failure of a read ahead is reported when its slot is asked for; until then it must not count as unhandled.
    promise.catch(() => undefined);
    started.set(slot, promise);
    return promise;
  };
  let looked = 0;
  const startAhead = (from: number) => {
    for (looked = Math.max(looked, from); looked < Math.min(frames.length, from + READ_AHEAD); looked++)
      if (!read.has(looked) && !quickHdu(frames[looked], context)) void start(looked);
  };
  startAhead(0);
  let isAsked = false;
  const readIdly = async () => {
    let [bytes, turn] = [0, 0];
    for (let slot = 0; slot < frames.length && bytes < IDLE_BYTES; slot++) {
      if (performance.now() - turn > IDLE_TURN_MS) {
        await setImmediate();
        turn = performance.now();
      }
      if (isAsked) return;
      const now = started.has(slot) ? undefined : readNow(frames[slot], context, memory);
      if (!now) continue;
      read.set(slot, now);
      bytes += bytesOf(now.samples);
    }
  };
  return {
    // What fails is read again, and fails again, when it is asked for.
    readIdly: () => void readIdly().catch(() => undefined),
    next: (slot) => {
      isAsked = true;
      startAhead(slot + 1);
      const ahead = read.get(slot) ?? started.get(slot);
      read.delete(slot);
      started.delete(slot);
      if (ahead) return ahead;
      return readNow(frames[slot], context, memory) ?? readLater(frames[slot], context, memory);
    },
  };
}

const planesRead = ({ frame }: PreparedFrame) => (frame.sensor.kind === 'rgb' ? 3 : 1);

/** The image, where its window is read by whoever asks for it, without waiting. */
function quickHdu(prepared: PreparedFrame, { files }: ReadContext): PixelHdu | undefined {
  const { frame, rect } = prepared;
  if (frame.calibration || planesRead(prepared) > 1) return undefined;
  const hdu = files.quickHdu(frame.path, frame.hdu, rect);
  return hdu && isStored(hdu) ? hdu : undefined;
}

function readNow(prepared: PreparedFrame, context: ReadContext, memory: ReadMemory): FrameReads | undefined {
  const { files, ledger } = context;
  const hdu = quickHdu(prepared, context);
  if (!hdu) return undefined;
  const start = performance.now();
  const bytes = rowsIfThere(prepared, files, memory);
  if (!bytes) return undefined;
  const samples = withoutDefects(storedSamples(hdu, bytes), prepared, context);
  ledger.add('read', 'host', performance.now() - start, bytesOf(samples), 1);
  return { samples, done: () => memory.give(bytes) };
}

/** What cannot be read now the thread pool asks for again, and hears why. */
function rowsIfThere(
  { frame, rect }: PreparedFrame,
  files: FrameFiles,
  memory: ReadMemory,
): Uint8Array | undefined {
  try {
    return files.rowsNow(frame.path, frame.hdu, rect, memory);
  } catch (error) {
    if (error instanceof FitsError) return undefined;
    throw error;
  }
}

/** Rejects with LostFrameError. */
function readLater(prepared: PreparedFrame, context: ReadContext, memory: ReadMemory): Promise<FrameReads> {
  const { files, ledger } = context;
  const { frame, rect } = prepared;
  const planes = planesRead(prepared);
  return ledger.time<FrameReads>('read', 'host', async () => {
    const read = await readOfFrame(frame.path, () =>
      files.use(frame.path, (file) => readSamples(file, file.hdus[frame.hdu], rect, planes, memory)),
    );
    const stored = read.form === 'stored' ? read.bytes : undefined;
    const done = () => stored && memory.give(stored);
    const samples = withoutDefects(read, prepared, context);
    const bytes = bytesOf(samples);
    if (!frame.calibration) return { result: { samples, done }, bytes };
    const masters = await readCalibration(files, frame.calibration, rect, { first: 0, count: planes });
    return { result: { samples, masters, done }, bytes };
  });
}

/** The samples, less those that say nothing. */
function withoutDefects(
  read: WindowSamples,
  { frame, rect }: PreparedFrame,
  { settings }: ReadContext,
): WindowSamples {
  let samples = read;
  if (frame.defects && settings.drizzle) samples = leaveOut(samples, rect, frame.nx, frame.defects.pixels);
  else if (frame.defects)
    repairDefects(samples, rect, frame.nx, frame.sensor.kind === 'cfa' ? 2 : 1, frame.defects);
  return frame.leftOut ? leaveOut(samples, rect, frame.nx, frame.leftOut) : samples;
}

const bytesOf = (samples: WindowSamples) =>
  samples.form === 'stored' ? samples.bytes.byteLength : samples.values.byteLength;
