// Looks at the frames of an ingest, on threads where there are enough of them to pay for these, and on the thread that asks.
import { availableParallelism } from 'node:os';
import { DetectionScratch } from '../../astrometry/stars/detection-scratch.js';
import type { FitsFile } from '../../fits/hdu.js';
import { outlineOf } from '../../fits/open-fits.js';
import { imageBytes, type FrameRecord } from '../../frames/frame-record.js';
import { lookAtFrame, type FrameLook } from '../../frames/look-at-frame.js';
import { FRAMES_A_THREAD, MeasurePool } from '../../frames/measure-pool.js';
import { rowCalibrator } from '../calibration/calibrate-rows.js';
import type { FrameCalibration } from '../calibration/frame-calibration.js';
import { FrameFiles } from '../integrate/frame-files.js';
import { measureThreads } from '../measure-threads.js';
import type { SeenFrame } from '../resume/run-memory.js';
import type { Computing } from '../run-backend.js';
import type { RunContext } from '../run-context.js';
import { NO_STARS, starMemoryMessage } from '../star-memory.js';
import { mustBeSolved } from './solve.js';

export class MeasurePass {
  readonly #context: RunContext;
  readonly #computing: Computing;
  readonly #pool: MeasurePool;
  readonly #threads: number;
  readonly #scratch = new DetectionScratch();
  /** Masters, kept open. */
  readonly #masters = new FrameFiles();
  /** What this thread looks at: one frame at a time. */
  #here: Promise<unknown> = Promise.resolve();

  /** `frames`: those that threads may be asked for. Whoever has made it closes it. */
  constructor(context: RunContext, computing: Computing, frames: readonly FrameRecord[]) {
    const { config, signal, sink } = context;
    const { num_processing_workers: workers, memory_budget_mb: budgetMb } = config;
    this.#context = context;
    this.#computing = computing;
    this.#threads = measureThreads(frames, workers < 1 ? availableParallelism() : workers, budgetMb);
    this.#pool = new MeasurePool(this.#threads, signal, (detail) =>
      sink.emit({ type: 'warning', message: { code: 'pipeline_measure_thread_died', params: { detail } } }),
    );
  }

  /** Frames that are to be asked for side by side, so that no thread waits. */
  get atOnce(): number {
    return 1 + FRAMES_A_THREAD * this.#threads;
  }

  /**
   * What the pixels of a frame show, the same on any thread: background, noise, stars; or why the frame cannot be used. Frames with masters are calibrated by the backend, which
   * this thread alone may ask: they are looked at here.
   */
  async look(
    fits: FitsFile,
    record: FrameRecord,
    calibration: FrameCalibration | undefined,
  ): Promise<SeenFrame> {
    const { ledger, config } = this.#context;
    const tooLarge = starMemoryMessage(record, config.memory_budget_mb);
    const seeksStars = !tooLarge;
    const mayLeave = !calibration && !fits.hdus[record.hdu].problem;
    const path = fits.source.name;
    const request = { path, outline: outlineOf(fits), record, seeksStars };
    const look =
      (mayLeave && (await this.#pool.look(request))) ||
      (await this.#lookHere(fits, record, seeksStars, calibration));
    const { seen, measureMs, starsMs } = look;
    ledger.add('measure', 'host', measureMs, imageBytes(record), 1);
    if (starsMs !== undefined) ledger.add('stars', 'host', starsMs, imageBytes(record), 1);
    if ('reason' in seen) return seen;
    const { measure, stars = NO_STARS } = seen;
    return tooLarge && mustBeSolved(record, config) ? { reason: tooLarge } : { measure, stars };
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.close(), this.#masters.close()]);
  }

  #lookHere(
    fits: FitsFile,
    record: FrameRecord,
    seeksStars: boolean,
    calibration: FrameCalibration | undefined,
  ): Promise<FrameLook> {
    const calibrated = calibration && {
      prepare: rowCalibrator(this.#computing, this.#masters, calibration, record.width),
      saturation: calibration.saturation,
    };
    const look = this.#here.then(() => lookAtFrame(fits, record, { seeksStars, calibrated }, this.#scratch));
    this.#here = look.catch(() => undefined);
    return look;
  }
}
