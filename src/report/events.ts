// What a run says while it goes: typed events. The pipeline emits them, renderers turn them into bars, lines, JSON
// or a log; texts are locale keys with values, never sentences.
import type { CodedMessage } from '../config/errors.js';

/** Phases by name, in the order of a run. */
export const PHASES = [
  'scan',
  'calibration',
  'ingest',
  'master_tiles',
  'output_grid',
  'assembly',
  'two_pass',
  'save',
  'teardown',
] as const;
export type PhaseName = (typeof PHASES)[number];

/** What a phase counts. */
export type ProgressUnit = 'files' | 'frames' | 'groups' | 'tiles' | 'cells' | 'steps';

/** What a written output is. */
export const OUTPUT_KINDS = [
  'science',
  'preview',
  'uint16',
  'tiff16',
  'png16',
  'aesthetic_fits',
  'aesthetic_tiff',
  'aesthetic_png',
  'residuals',
  'html_report',
  'hips',
  'master_tile',
] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

/** How a run ended. */
export type RunOutcome = 'success' | 'error' | 'interrupted' | 'terminated';

/** One measured stage: which backend did how much in what time. */
export interface StageTiming {
  /** Stable machine name of the stage, for example `demosaic`, `warp`, `stack`, `read`. */
  readonly stage: string;
  /** Backend that ran it (`webgpu`, `reference`, ...), or `host` for work outside the compute port. */
  readonly backend: string;
  readonly wallMs: number;
  /** Bytes that went through the stage; 0 when it has none. */
  readonly bytes: number;
  /** Frames, cells or files that it handled. */
  readonly items: number;
}

/** A rectangle of the output grid, 0-based, first FITS row = 0. */
export interface GridRect {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

/** An artefact that stays on disk after the teardown; `meaning` says what it is good for. */
export interface KeptArtifact {
  readonly path: string;
  readonly bytes: number;
  readonly meaning: CodedMessage;
}

export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly runId: string;
      readonly version: string;
      readonly configDigest: string;
      readonly inputDir: string;
      readonly outputDir: string;
    }
  /** `total` is undefined while it is not known. */
  | {
      readonly type: 'phase-started';
      readonly phase: PhaseName;
      readonly unit: ProgressUnit;
      readonly total?: number;
    }
  | {
      readonly type: 'phase-progress';
      readonly phase: PhaseName;
      readonly done: number;
      readonly total?: number;
    }
  | {
      readonly type: 'phase-finished';
      readonly phase: PhaseName;
      readonly done: number;
      readonly wallMs: number;
    }
  /** A light frame was placed and measured. Sizes in pixels of the frame, levels in ADU. */
  | {
      readonly type: 'frame-measured';
      readonly path: string;
      readonly stars: number;
      /** Absent when no star was measured. */
      readonly fwhmPx?: number;
      readonly ellipticity?: number;
      /** Sky and its noise, mean over the channels. */
      readonly background: number;
      readonly noise: number;
      /** RA, Dec of the outer corners, degrees; absent while the frame is not placed. */
      readonly corners?: readonly (readonly [number, number])[];
    }
  /** The output grid and its cells, in the order in which they are integrated, and what the run will take. */
  | {
      readonly type: 'grid-planned';
      readonly widthPx: number;
      readonly heightPx: number;
      readonly planes: number;
      readonly pixelScaleArcsec: number;
      readonly cells: readonly GridRect[];
      readonly memoryBytes: number;
      readonly memoryBudgetBytes: number;
      readonly temporaryDiskBytes: number;
      readonly outputDiskBytes: number;
    }
  /** Every second of a run: memory of its process, and the stages so far with their backend. */
  | { readonly type: 'vitals'; readonly memoryBytes: number; readonly stages: readonly StageTiming[] }
  | { readonly type: 'frame-rejected'; readonly path: string; readonly reason: CodedMessage }
  /** Worth knowing; the run is as it should be. */
  | { readonly type: 'notice'; readonly message: CodedMessage }
  /** The result is affected, or something could not be done. */
  | { readonly type: 'warning'; readonly message: CodedMessage }
  /** For the log only, at level debug. */
  | { readonly type: 'debug'; readonly message: CodedMessage }
  | ({ readonly type: 'stage-timing' } & StageTiming)
  | ({ readonly type: 'artifact-kept' } & KeptArtifact)
  /** Still there after a teardown: `refused` because it may not be ours, `failed` because the system would not let it go. */
  | {
      readonly type: 'artifact-not-removed';
      readonly outcome: 'refused' | 'failed';
      readonly path: string;
      readonly reason: CodedMessage;
    }
  | {
      readonly type: 'output-written';
      readonly kind: OutputKind;
      readonly path: string;
      readonly bytes: number;
    }
  | {
      readonly type: 'run-finished';
      readonly outcome: RunOutcome;
      readonly framesUsed: number;
      readonly framesTotal: number;
      readonly wallMs: number;
      /** What ended a run that failed. */
      readonly error?: CodedMessage;
    };

/** Whoever listens. `emit` must be cheap and must not throw: it is called from inside the work. */
export interface EventSink {
  emit(event: RunEvent): void;
}

/** A sink that may hold a terminal line or a file open until the run has ended. */
export interface ClosableSink extends EventSink {
  close(): void;
}

/** Hands each event to all of `sinks`, in their order. */
export function fanOut(sinks: readonly ClosableSink[]): ClosableSink {
  return {
    emit: (event) => sinks.forEach((sink) => sink.emit(event)),
    close: () => sinks.forEach((sink) => sink.close()),
  };
}
