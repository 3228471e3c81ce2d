// A solver outside this program that is asked about many frames: how many at a time, and when no more.
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import type { ExternalFailure, ExternalSolver } from '../../src/astrometry/external/external-solver.js';
import type { SolveImage, SolveResult } from '../../src/astrometry/solver/solve-types.js';
import { ExternalFallback } from '../../src/pipeline/solving/external-fallback.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { askAbout, knownFrame, type KnownFrame } from './fake-solver.js';

const folder = temporaryFolder();
const work = () => path.join(folder(), 'work');

let frame: KnownFrame;
beforeAll(async () => {
  frame = knownFrame(await builtInCatalogue(), [315.4, 68.2]);
});
beforeEach(() => mkdir(work()));

it('a solver that fails for too long is shown no more frames, and they are counted', async () => {
  const failure = {
    code: 'solve_reject_external_unsolved',
    params: { solver: 'slow', detail: 'none' },
  } as const;
  const slow = { name: 'slow', isLocal: true, propose: () => sleep(40, { failure }) };
  const asked = new ExternalFallback(slow, {
    timeoutMs: 10,
    instances: 1,
    folder: () => Promise.resolve(work()),
    keepFiles: false,
    signal: undefined,
  });
  let shown = 0;
  while (await askAbout(asked, frame)) shown++;
  // ten times its time: three calls use it up on any machine, a busy one needs fewer
  expect(shown).toBeGreaterThan(0);
  expect(shown).toBeLessThanOrEqual(3);
  expect(asked.placed).toBe(0);
  expect(asked.givenUp).toEqual({
    code: 'pipeline_external_solver_given_up',
    params: { solver: 'slow', count: 1, minutes: 1 },
  });
});

type Failure = ExternalFailure['code'];
type NumberedImage = SolveImage & { readonly number: number };

/**
 * A solver that answers about each frame, by its number, as it is told, the last answer for ever. `seen.most` is how many frames it was at together; none is
 * answered before it was at `together` of them.
 */
function scripted(answers: readonly (Failure | 'claims')[], isLocal = true, together = 1) {
  const seen = { asked: 0, most: 0 };
  let now = 0;
  const solver: ExternalSolver = {
    name: 'it',
    isLocal,
    async propose(image) {
      seen.asked++;
      const at = answers[Math.min((image as NumberedImage).number, answers.length - 1)];
      seen.most = Math.max(seen.most, ++now);
      // how fast this machine is must not matter
      for (let ms = 0; ms < 5000 && seen.most < together; ms += 5) await sleep(5);
      // the first ones take longest
      await sleep(Math.max(1, 40 - 10 * seen.asked));
      now--;
      if (at === 'claims') return { wcs: frame.wcs };
      return { failure: { code: at, params: { solver: 'it', detail: 'HTTP 502' } } };
    },
  };
  return { solver, seen };
}

describe('a solver for many frames', () => {
  const about = async (solver: ExternalSolver, frames: number, instances = 1) => {
    const asked = new ExternalFallback(solver, {
      timeoutMs: 10_000,
      instances,
      folder: () => Promise.resolve(work()),
      keepFiles: false,
      signal: undefined,
    });
    const results: (SolveResult | undefined)[] = [];
    await asked.solveAll(
      Array.from({ length: frames }, (_, f) => f),
      (number) => ({ ...frame, image: { ...frame.image, number } }),
      (result, index) => {
        expect(index).toBe(results.length);
        results.push(result);
      },
    );
    return { asked, told: results.map((r) => (r ? (r.solved ? 'solved' : r.reason.code) : 'not shown')) };
  };
  const [REFUSED, UNSOLVED] = ['solve_reject_external_refused', 'solve_reject_external_unsolved'] as const;

  it('is asked again after an error or two, and not after three in a row, which is told', async () => {
    const { solver, seen } = scripted([REFUSED, REFUSED, 'claims', REFUSED, UNSOLVED, REFUSED]);
    const { asked, told } = await about(solver, 12);
    const before = [REFUSED, REFUSED, 'solved', REFUSED, UNSOLVED, REFUSED, REFUSED, REFUSED];
    expect(told).toEqual([...before, ...Array<string>(4).fill('not shown')]);
    expect(seen.asked).toBe(8);
    expect(asked.placed).toBe(1);
    expect(asked.givenUp).toEqual({
      code: 'pipeline_external_solver_refuses',
      params: { solver: 'it', count: 4, times: 3, detail: 'HTTP 502' },
    });
  });

  it('on this machine is asked about as many at a time as was said, in the frames’ order; a service about one', async () => {
    const answers = [UNSOLVED, 'claims', UNSOLVED, 'claims', 'claims', UNSOLVED] as const;
    for (const [isLocal, instances, most] of [
      [true, 1, 1],
      [true, 3, 3],
      [false, 3, 1],
    ] as const) {
      const { solver, seen } = scripted(answers, isLocal, most);
      const { told, asked } = await about(solver, 6, instances);
      expect(told).toEqual(answers.map((answer) => (answer === 'claims' ? 'solved' : answer)));
      expect(seen.most).toBe(most);
      expect(asked.givenUp).toBeUndefined();
    }
    expect(await readdir(work())).toEqual([]);
  });
});
