// Comparisons of device arrays that say where and by how much they differ.
import { expect } from 'vitest';
import { BLANK_LIMIT } from '../../src/compute/constants.js';

export interface Closeness {
  /** Allowed difference relative to the value, or to `scale` where the value is smaller. */
  readonly relative: number;
  /** Amplitude of the data behind the values: what cancels in a difference keeps its rounding error. */
  readonly scale?: number;
  /** Share of the elements that may differ by more, for decisions on a knife's edge (at least one element when > 0). */
  readonly share?: number;
}

/** Linear stages: float32 sums of up to 36 terms whose absolute weights sum to 1.6 err by less than 36 x 6e-8 x 1.6 = 3.5e-6. */
export const LINEAR = 1e-5;

/** Expects equal lengths, blanks at the same places, and values that are close. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, close: Closeness): void {
  expect(actual.length).toBe(expected.length);
  const faults: string[] = [];
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    const blank = !(e > BLANK_LIMIT);
    const allowed = blank ? 0 : close.relative * Math.max(Math.abs(e), close.scale ?? 0);
    // NaN fails here, as it must.
    if (!(Math.abs(a - e) <= allowed)) faults.push(`[${i}] ${a}, expected ${e} +- ${allowed}`);
  }
  const share = close.share ?? 0;
  const tolerated = share > 0 ? Math.max(1, Math.floor(share * expected.length)) : 0;
  if (faults.length > tolerated) {
    expect.fail(`${faults.length} of ${expected.length} elements differ: ${faults.slice(0, 5).join('; ')}`);
  }
}
