// Looks at the frames of an ingest, on threads where there are enough of them to pay for these, and on the thread that asks.
import { availableParallelism } from 'node:os';
import { DetectionScratch } from '../../astrometry/stars/detection-scratch.js';
import type { FitsFile } from '../../fits/hdu.js';
import { openFits, outlineOf } from '../../fits/open-fits.js';
import { ReadBuffers } from '../../fits/read/read-buffers.js';
import { imageBytes, type FrameRecord } from '../../frames/frame-record.js';
import { lookAtFrame, type FrameLook, type LookOptions } from '../../frames/look-at-frame.js';
import type { PrepareRows } from '../../frames/measure-frame.js';
import { FRAMES_A_THREAD, MeasurePool } from '../../frames/measure-pool.js';
import { rowCalibrator } from '../calibration/calibrate-rows.js';
import type { FrameCalibration } from '../calibration/frame-calibration.js';
import { FrameFiles } from '../integrate/windows/frame-files.js';
import { looksItself, measureThreads, type FrameToMeasure } from '../measure-threads.js';
import type { SeenFrame } from '../resume/run-memory.js';
import type { Computing } from '../run-backend.js';
import type { RunContext } from '../run-context.js';
import { NO_STARS, starMemoryMessage } from '../star-memory.js';
import { leavesOutTrails } from '../planning/trail-plan.js';
import { mustBeSolved } from './solve.js';

/** Masters of a frame, and who calibrates with them. */
export interface CalibratedBy {
  readonly calibration: FrameCalibration;
  readonly computing: Computing;
}

export class MeasurePass {
  readonly #context: RunContext;
  readonly #pool: MeasurePool;
  /** Memory for the frames that this thread looks at, as large as they are: from the first on until the pass is closed. */
  #own: { readonly scratch: DetectionScratch; readonly buffers: ReadBuffers } | undefined;
  /** Masters, kept open. */
  readonly #masters = new FrameFiles();
  /** What this thread looks at: one frame at a time. */
  #here: Promise<unknown> = Promise.resolve();
  /** What was looked at before it was asked for, by path. */
  readonly #ahead = new Map<string, Promise<FrameLook | undefined>>();
  readonly #atOnceAhead: number;
  /** From then on those who ask say what is looked at. */
  #isAsked = false;

  /** Frames that are to be asked for side by side, so that no thread waits. */
  readonly atOnce: number;

  /** `frames`: those that threads may be asked for. Whoever has made it closes it. */
  constructor(context: RunContext, frames: readonly FrameToMeasure[]) {
    const { config, signal, sink } = context;
    const { num_processing_workers: workers, memory_budget_mb: budgetMb } = config;
    this.#context = context;
    const threads = measureThreads(frames, workers < 1 ? availableParallelism() : workers, budgetMb);
    this.#atOnceAhead = FRAMES_A_THREAD * threads;
    this.atOnce = (looksItself(frames, threads) ? 1 : 0) + this.#atOnceAhead;
    this.#pool = new MeasurePool(threads, signal, (detail) =>
      sink.emit({ type: 'warning', message: { code: 'pipeline_measure_thread_died', params: { detail } } }),
    );
  }

  /**
   * Has the threads begin with frames that nothing calibrates, in this order, until the first is asked for. What goes wrong is left to `look`, which looks again.
   */
  lookAhead(records: readonly FrameRecord[]): void {
    let next = 0;
    const { signal } = this.#context;
    const begin = async (): Promise<void> => {
      while (!this.#isAsked && !signal.aborted && next < records.length) {
        const record = records[next++];
        const look = this.#lookAheadAt(record).catch(() => undefined);
        this.#ahead.set(record.path, look);
        await look;
      }
    };
    for (let k = 0; k < this.#atOnceAhead; k++) void begin();
  }

  async #lookAheadAt(record: FrameRecord): Promise<FrameLook | undefined> {
    const fits = await openFits(record.path);
    try {
      return await this.#lookThere(fits, record, this.#soughtIn(record));
    } finally {
      await fits.close();
    }
  }

  #soughtIn(record: FrameRecord) {
    const { config } = this.#context;
    const tooLarge = starMemoryMessage(record, config.memory_budget_mb);
    return { seeksStars: !tooLarge, seeksTrails: leavesOutTrails(config) };
  }

  /** What the pixels of a frame show, the same on any thread: background, noise, stars; or why the frame cannot be used. */
  async look(fits: FitsFile, record: FrameRecord, by: CalibratedBy | undefined): Promise<SeenFrame> {
    const { ledger, config } = this.#context;
    const sought = this.#soughtIn(record);
    let failure: { readonly error: unknown } | undefined;
    const calibrated = by && {
      saturation: by.calibration.saturation,
      prepare: this.#prepare(record, by, (error) => (failure = { error })),
    };
    this.#isAsked = true;
    const ahead = await this.#ahead.get(record.path);
    this.#ahead.delete(record.path);
    const look =
      ahead ??
      (await this.#lookThere(fits, record, { ...sought, calibrated })) ??
      (await this.#lookHere(fits, record, { ...sought, calibrated }));
    // that the device failed which calibrates it, or a master, is no fault of the frame
    if (failure) throw failure.error;
    const { seen, measureMs, starsMs } = look;
    ledger.add('measure', 'host', measureMs, imageBytes(record), 1);
    if (starsMs !== undefined) ledger.add('stars', 'host', starsMs, imageBytes(record), 1);
    if ('reason' in seen) return seen;
    const { measure, stars = NO_STARS } = seen;
    const tooLarge = starMemoryMessage(record, config.memory_budget_mb);
    return tooLarge && mustBeSolved(record, config) ? { reason: tooLarge } : { measure, stars };
  }

  /** May be called again. */
  async close(): Promise<void> {
    this.#isAsked = true;
    const own = this.#own;
    this.#own = undefined;
    this.#ahead.clear();
    // a frame may still be looked at where another one has failed
    void this.#here.then(() => own?.scratch.placed.end());
    await Promise.all([this.#pool.close(), this.#masters.close()]);
  }

  /** Undefined where no thread has time for it, or its thread has died. */
  async #lookThere(
    fits: FitsFile,
    record: FrameRecord,
    { calibrated, ...sought }: LookOptions,
  ): Promise<FrameLook | undefined> {
    // an error that stands in an outline would lose its code on the way
    if (fits.hdus.some(({ problem }) => problem)) return undefined;
    const request = {
      ...{ path: fits.source.name, outline: outlineOf(fits), record, ...sought },
      ...(calibrated && { calibrated: { saturation: calibrated.saturation } }),
    };
    return this.#pool.look(request, calibrated?.prepare);
  }

  #lookHere(fits: FitsFile, record: FrameRecord, options: LookOptions): Promise<FrameLook> {
    const { scratch, buffers } = (this.#own ??= {
      ...{ scratch: new DetectionScratch(), buffers: new ReadBuffers() },
    });
    const look = this.#here.then(() => lookAtFrame(fits, record, options, scratch, buffers));
    this.#here = look.catch(() => undefined);
    return look;
  }

  /** The backend calibrates, which this thread alone may ask. */
  #prepare(
    { width }: FrameRecord,
    { calibration, computing }: CalibratedBy,
    onFailure: (error: unknown) => void,
  ): PrepareRows {
    const prepare = rowCalibrator(computing, this.#masters, calibration, width);
    return async (raw, where) => {
      try {
        return await prepare(raw, where);
      } catch (error) {
        onFailure(error);
        throw error;
      }
    };
  }
}
