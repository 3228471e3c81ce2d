// What the commands besides `run` have to tell: the plan of a run, the backends of this machine, one file, one
// clean-up. Filled by the pipeline and the composition root, printed by the command line, shown by the window.
import type { CodedMessage } from '../config/errors.js';

/** A frame as its headers show it. */
export interface PlannedFrame {
  readonly path: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly exposureS?: number;
  readonly filter?: string;
  readonly dateObs?: string;
  readonly object?: string;
  /** Its place is the header's pointing only: the run will solve it. */
  readonly toSolve: boolean;
  /** Number of its group, from 0: what the mode stacks together, else the panel of the sky that it shows; absent with its place. */
  readonly group?: number;
  /** RA, Dec of the outer corners, degrees; absent where the header does not say. */
  readonly corners?: readonly (readonly [number, number])[];
}

/** The plan of a run, before anything is written. Sizes in bytes. */
export interface PlanSummary {
  readonly frames: {
    readonly total: number;
    readonly used: number;
    readonly rejected: readonly { readonly path: string; readonly reason: CodedMessage }[];
    /** Frames that would be used, in canonical order. */
    readonly list: readonly PlannedFrame[];
  };
  readonly grid: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly channels: number;
    readonly pixelScaleArcsec: number;
    readonly centerRaDeg: number;
    readonly centerDecDeg: number;
    readonly rotationDeg: number;
    /** RA, Dec of the outer corners, degrees. */
    readonly corners: readonly (readonly [number, number])[];
  };
  readonly cells: {
    readonly count: number;
    readonly widthPx: number;
    readonly heightPx: number;
    /** Bytes of raw samples read, over the bytes of the files. */
    readonly readAmplification: number;
    /** RA, Dec of the outer corners of each cell, degrees. */
    readonly corners: readonly (readonly (readonly [number, number])[])[];
  };
  readonly backend: string;
  readonly memoryBytes: number;
  readonly memoryBudgetBytes: number;
  readonly temporaryDiskBytes: number;
  readonly outputDiskBytes: number;
  readonly freeDiskBytes: number;
  /** Seconds, or undefined when nothing is known about this machine yet. */
  readonly estimatedSeconds?: number;
  readonly notices: readonly CodedMessage[];
}

/** One backend of this machine. */
export interface BackendSummary {
  readonly name: string;
  readonly available: boolean;
  /** Adapter, driver, mode: what it really is. */
  readonly description: string;
  /** True for a GPU made of software, which `auto` never takes. */
  readonly software: boolean;
  /** Why it is not available, or what it does not support. */
  readonly reason?: CodedMessage;
  /** Limits that planning obeys, by name. */
  readonly limits: Readonly<Record<string, number>>;
  /** Kernels that computed the known answer rightly, and those that the backend does not have. */
  readonly kernels?: { readonly right: readonly string[]; readonly missing: readonly string[] };
  /** Graphics adapters of this machine, for a backend that runs on one. */
  readonly adapters?: readonly {
    readonly name: string;
    readonly description: string;
    /** Graphics interface: vulkan, metal, d3d12. */
    readonly backend: string;
    readonly hardware: boolean;
    readonly maxBufferBytes: number;
  }[];
  /** What it does on this machine; absent when it was not measured. */
  readonly speed?: {
    /** Raw samples a second from decoding to the winsorised stack. */
    readonly samplesPerSecond: number;
    readonly sidePx: number;
    readonly frames: number;
    readonly seconds: number;
  };
}

/** What is known of one file. */
export interface FileSummary {
  readonly path: string;
  readonly bytes: number;
  /** Locale key of what the file is taken for (light frame, calibration, ...). */
  readonly classification: CodedMessage;
  readonly images: readonly {
    readonly hdu: number;
    readonly shape: readonly number[];
    readonly bitpix: number;
    readonly compression?: string;
  }[];
  /** Keyword, value and comment of the cards worth seeing, in the file's order. */
  readonly header: readonly { readonly keyword: string; readonly value: string; readonly comment: string }[];
  readonly wcs?: {
    readonly projection: string;
    readonly centerRaDeg: number;
    readonly centerDecDeg: number;
    readonly pixelScaleArcsec: number;
    readonly rotationDeg: number;
  };
  readonly warnings: readonly CodedMessage[];
}

/** What `clean` found and did. With `dryRun`, `removed` is what would go. */
export interface CleanSummary {
  readonly dryRun: boolean;
  readonly removed: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly meaning: CodedMessage;
  }[];
  readonly kept: readonly { readonly path: string; readonly bytes: number; readonly reason: CodedMessage }[];
  /** What bears the name of an artefact and was not touched, because it may not be ours. */
  readonly refused: readonly { readonly path: string; readonly reason: CodedMessage }[];
  /** What should have gone and could not. */
  readonly failed: readonly { readonly path: string; readonly reason: CodedMessage }[];
}

/** Where a file lies on the sky, or why that is not known. Names are those of the JSON that `solve` prints; angles in degrees. */
export type SolvedFile = {
  readonly file: string;
  /** Time for the file, reading and detection included. */
  readonly ms: number;
  /** Why there is no picture where one was asked for; not in the JSON. */
  readonly notDrawn?: CodedMessage;
} & (
  | {
      readonly solved: true;
      /** RA, Dec of the middle of the image. */
      readonly center: readonly [number, number];
      /** RA, Dec of the outer corners (0.5, 0.5), (nx + 0.5, 0.5), (nx + 0.5, ny + 0.5), (0.5, ny + 0.5). */
      readonly corners: readonly (readonly [number, number])[];
      /** CD1_1, CD1_2, CD2_1, CD2_2 about the middle, degrees a pixel. */
      readonly cd: readonly [number, number, number, number];
      /** SIP coefficients `[p][q]` of u^p v^q, u and v counted from the middle; null for a linear solution. */
      readonly sip: Readonly<Partial<Record<'a' | 'b' | 'ap' | 'bp', readonly (readonly number[])[]>>> | null;
      readonly scale_arcsec: number;
      /** Sign of the determinant of CD. */
      readonly parity: number;
      readonly matched: number;
      readonly rms_px: number;
      /** The solver outside this program that has proposed the place; not in the JSON. */
      readonly by?: string;
    }
  | { readonly solved: false; readonly reason: CodedMessage }
);
