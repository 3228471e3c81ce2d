// One thread of the measure pass: looks at the frames that it is asked for, one at a time and in their order.
import { parentPort, workerData } from 'node:worker_threads';
import { DetectionScratch } from '../astrometry/stars/detection-scratch.js';
import { openFits, reopenFits, type FitsOutline } from '../fits/open-fits.js';
import { ReadBuffers } from '../fits/read/read-buffers.js';
import { useCompiledPasses } from '../simd/sample-passes.js';
import { reasonOfError, type FrameReason } from './frame-reason.js';
import type { FrameRecord } from './frame-record.js';
import { CodedError } from '../errors.js';
import { lookAtFrame, type FrameLook } from './look-at-frame.js';
import type { PrepareRows, RowsAt } from './measure-frame.js';

/** What a thread is started with. */
export interface MeasureThreadStart {
  /** The passes over samples, compiled: threads share their code. */
  readonly passes: WebAssembly.Module;
}

/** A frame to look at: where its samples are, and what was found in the file. */
export interface LookRequest {
  readonly path: string;
  readonly outline: FitsOutline;
  readonly record: FrameRecord;
  readonly seeksStars: boolean;
  readonly seeksTrails: boolean;
  /** Its rows are calibrated by the thread that asks, which has the backend. */
  readonly calibrated?: { readonly saturation?: number };
}

/** What a thread says: what a frame shows, or which rows of it are to be calibrated. */
export type FromThread =
  { readonly look: FrameLook } | { readonly raw: Float32Array; readonly where: RowsAt };

/** What a thread is told: a frame to look at, or what has become of the rows that it asked for last. */
export type ToThread =
  { readonly request: LookRequest } | { readonly rows: Float32Array } | { readonly reason: FrameReason };

useCompiledPasses((workerData as MeasureThreadStart).passes);
/** A thread has nothing else to do than to wait for its frame. */
const READ = { readsInPlace: true };
const scratch = new DetectionScratch();
const buffers = new ReadBuffers();

const port = parentPort!;
const say = (said: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(said, transfer);

/** Takes the answer to the rows that are asked for. */
let settle: ((answer: Exclude<ToThread, { request: LookRequest }>) => void) | undefined;
const prepare: PrepareRows = (raw, where) =>
  new Promise((resolve, reject) => {
    settle = (answer) => {
      if ('rows' in answer) resolve(answer.rows);
      else reject(new CodedError(answer.reason.code, answer.reason.params));
    };
    say({ raw, where }, [raw.buffer as ArrayBuffer]);
  });

async function look({ path, outline, record, calibrated, ...sought }: LookRequest): Promise<FrameLook> {
  const start = performance.now();
  try {
    const fits = (await reopenFits(path, outline, READ)) ?? (await openFits(path, READ));
    try {
      const options = { ...sought, calibrated: calibrated && { ...calibrated, prepare } };
      return await lookAtFrame(fits, record, options, scratch, buffers);
    } finally {
      await fits.close();
    }
  } catch (error) {
    // what is no fault of the frame ends the thread, and tells the pool why
    return { seen: { reason: reasonOfError(error) }, measureMs: performance.now() - start };
  }
}

let last = Promise.resolve();
port.on('message', (told: ToThread) => {
  if (!('request' in told)) settle?.(told);
  else last = last.then(async () => say({ look: await look(told.request) }));
});
