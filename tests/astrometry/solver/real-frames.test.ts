import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { angularSeparationDeg } from '../../../src/astrometry/wcs/sphere.js';
import { solveFiles } from '../../../src/pipeline/solving/solve-files.js';
import type { SolvedFile } from '../../../src/report/summaries.js';
import { describeWithShared, sharedDir } from '../../helpers/shared-data.js';

const setDir = (set: string) => path.join(sharedDir!, 'data/A_sets', set);

async function solveSet(set: string): Promise<SolvedFile[]> {
  const files = readdirSync(setDir(set)).filter((name) => name.endsWith('.gz'));
  const outcomes: SolvedFile[] = [];
  const { signal } = new AbortController();
  await solveFiles(
    files.map((name) => path.join(setDir(set), name)),
    { signal },
    (outcome) => void outcomes.push(outcome),
  );
  return outcomes;
}

interface Truth {
  readonly file: string;
  readonly center: readonly [number, number];
  readonly scale_arcsec: number;
  readonly parity: number;
}

describeWithShared('frames of real telescopes, against astrometry.net', () => {
  describe.each<[string, number, number]>([
    // one pixel each
    ['seestar_m94_s1', 5, 2.4],
    ['seestar_ngc7023', 6, 2.4],
    ['microobs_hatp32', 8, 5.2],
  ])('%s', (set, count, toleranceArcsec) => {
    it(`all ${count} frames are solved, centres within ${toleranceArcsec} arc seconds`, async () => {
      const truths = JSON.parse(
        readFileSync(path.join(setDir(set), 'truth/solutions.json'), 'utf8'),
      ) as Truth[];
      const outcomes = await solveSet(set);
      expect(outcomes).toHaveLength(count);
      for (const outcome of outcomes) {
        if (!outcome.solved) throw new Error(`${outcome.file}: ${outcome.reason.code}`);
        const truth = truths.find(({ file }) => path.basename(outcome.file).startsWith(file))!;
        expect(3600 * angularSeparationDeg(...outcome.center, ...truth.center)).toBeLessThan(toleranceArcsec);
        expect(Math.abs(outcome.scale_arcsec / truth.scale_arcsec - 1)).toBeLessThan(0.002);
        expect(outcome.parity).toBe(truth.parity);
        expect(outcome.rms_px).toBeLessThan(0.25);
      }
    });
  });

  it('a frame with nothing to hold on to is refused with the reason', async () => {
    expect(await solveSet('m13_ssdsi_hopeless')).toMatchObject([
      { solved: false, reason: { code: 'solve_reject_few_stars' } },
    ]);
  });
});
