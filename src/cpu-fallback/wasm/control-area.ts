// The fixed start of the shared memory, through which the host tells the workers what to do. A step is one pass of a kernel; workers take its
// chunks one by one and go on together when the last is done.

/** Int32 word: not 0 when everybody is to stop. Below it the module keeps its own data. */
export const ABORT_WORD = 65536 / 4;
const STEPS_START = 65536 + 256;

/** Steps that stand in memory at once, and their bytes. */
export const MAX_STEPS = 700;
export const STEP_BYTES = 256;

/** Int32 words of a step. SECONDS and BEFORE_SECONDS are float64 that the first worker writes. */
export const STEP = {
  FUNCTION: 0,
  UNITS: 1,
  /** Units that a worker takes at once. */
  GRAIN: 2,
  SCRATCH: 3,
  /** Bytes between the scratch of two workers. */
  SCRATCH_STRIDE: 4,
  NEXT: 5,
  DONE: 6,
  /** Function that is called before FUNCTION for the same units, counted from 1; 0: none. */
  BEFORE: 7,
  SECONDS: 8,
  /** Those of BEFORE among them. */
  BEFORE_SECONDS: 10,
} as const;

/** Byte offset of the packed call in its step. */
export const JOB_OFFSET = 64;

/** Byte address of step i. */
export const stepAddress = (i: number): number => STEPS_START + i * STEP_BYTES;

/** First byte that belongs to buffers. */
export const HEAP_START = 4 * 65536;
