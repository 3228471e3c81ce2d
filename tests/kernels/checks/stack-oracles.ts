// Stacks against astropy, numpy and scipy: tests/fixtures/rejection.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { stackOf, type StackStem } from './stack.js';
import oracles from '../../fixtures/rejection/oracles.json' with { type: 'json' };

/** Every pixel keeps what the oracle keeps, and has its mean. */
export async function agreesWithTheOracle(backend: ComputeBackend, stem: StackStem): Promise<void> {
  const cases = oracles.filter((oracle) => oracle.stem === stem);
  expect(cases.length).toBeGreaterThan(0);
  for (const { params, pixels: all } of cases) {
    const [pixels, slots] = [all.length, all[0].samples.length];
    const cube = Float32Array.from({ length: slots * pixels }, (_, k) => {
      return all[k % pixels].samples[Math.floor(k / pixels)];
    });
    const weights = new Float32Array(slots).fill(1);
    const settings = params as unknown as Record<string, number>;
    const found = await stackOf(backend, stem, cube, weights, { pixels, planes: 1 }, settings);
    expect(Array.from(found.rejected_low)).toEqual(all.map(({ low }) => low));
    expect(Array.from(found.rejected_high)).toEqual(all.map(({ high }) => high));
    expectClose(
      found.mean,
      all.map(({ mean }) => mean),
      { relative: 1e-6 },
    );
  }
}
