// One thread of the measure pass: looks at the frames that it is asked for, one at a time and in their order.
import { parentPort, workerData } from 'node:worker_threads';
import { DetectionScratch } from '../astrometry/stars/detection-scratch.js';
import { openFits, reopenFits, type FitsOutline } from '../fits/open-fits.js';
import { useCompiledPasses } from '../simd/sample-passes.js';
import { reasonOfError } from './frame-reason.js';
import type { FrameRecord } from './frame-record.js';
import { lookAtFrame, type FrameLook } from './look-at-frame.js';

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
}

useCompiledPasses((workerData as MeasureThreadStart).passes);
const scratch = new DetectionScratch();

async function look({ path, outline, record, seeksStars }: LookRequest): Promise<FrameLook> {
  const start = performance.now();
  try {
    const fits = (await reopenFits(path, outline)) ?? (await openFits(path));
    try {
      return await lookAtFrame(fits, record, { seeksStars }, scratch);
    } finally {
      await fits.close();
    }
  } catch (error) {
    // what is no fault of the frame ends the thread, and tells the pool why
    return { seen: { reason: reasonOfError(error) }, measureMs: performance.now() - start };
  }
}

const port = parentPort!;
let last = Promise.resolve();
port.on('message', (request: LookRequest) => {
  last = last.then(async () => port.postMessage(await look(request)));
});
