// Of the systems that were solved to choose the order of a distortion, the one that was chosen is the next step.
import { afterEach, expect, it, vi } from 'vitest';
import { adjustFrames } from '../../../src/astrometry/adjust/adjust-frames.js';
import { AdjustSystem } from '../../../src/astrometry/adjust/adjust-system.js';
import type * as LinkWeights from '../../../src/astrometry/adjust/link-weights.js';
import { builtInCatalogue } from '../../../src/astrometry/catalogue/built-in-catalogue.js';
import { syntheticSession } from './synthetic-session.js';

/** What was solved, by the orders of its distortions, and what the steps took of it, in the order of events. */
const log = vi.hoisted(() => [] as { readonly solved?: string; readonly residual: Float32Array }[]);
vi.mock('../../../src/astrometry/adjust/link-weights.js', async (original) => {
  const real = await original<typeof LinkWeights>();
  const doubtLinks: typeof real.doubtLinks = (rows, residual) => {
    log.push({ residual });
    real.doubtLinks(rows, residual);
  };
  return { ...real, doubtLinks };
});
afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  ['a distortion', { frames: 12, distortion: 0.003, starsAFrame: 60 }, ['1', '2', '3'], 2],
  ['none', { frames: 12, starsAFrame: 60 }, ['1', '2', '3'], 0],
  ['links too few to tell one', { frames: 2, starsAFrame: 15 }, ['1', '1', '1'], 0],
])('of frames with %s', async (_, options, orders, chosen) => {
  const catalogue = await builtInCatalogue();
  const solve = AdjustSystem.prototype.solve;
  vi.spyOn(AdjustSystem.prototype, 'solve').mockImplementation(function (this: AdjustSystem, optics, start) {
    const solution = solve.call(this, optics, start);
    log.push({ solved: optics.map((of) => of.order).join(' '), residual: solution.residual });
    return solution;
  });
  log.length = 0;
  const session = syntheticSession(catalogue, 6, { ...options, origin: 'solved' });
  adjustFrames(session.frames, catalogue, { refine: 'off' });
  // three solutions without a step between
  const first = log.findIndex((_event, i) => log.slice(i, i + 3).every(({ solved }) => solved !== undefined));
  const choice = log.slice(first, first + 3);
  expect(choice.map(({ solved }) => solved)).toEqual(orders);
  const [taken, next] = log.slice(first + 3);
  expect(taken.solved).toBeUndefined();
  expect(choice.findIndex(({ residual }) => residual === taken.residual)).toBe(chosen);
  // as all steps after it
  expect(next.solved).toBe(orders[chosen]);
});
