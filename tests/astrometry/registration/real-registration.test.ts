import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeWithShared, sharedDir } from '../../helpers/shared-data.js';
import { comparePair, placeSet, type PairFigures } from './real-registration.js';

describeWithShared(
  'frames of real telescopes to each other, against affine fits between their star lists',
  () => {
    // the fits of M 94 and between the two telescopes of NGC 7023 rest on 22 and 53 stars: they are what errs at the corners
    describe.each<[string, number, number]>([
      ['seestar_m94_s1', 10, 0.6],
      ['seestar_ngc7023', 15, 0.5],
      ['microobs_hatp32', 28, 0.3],
    ])('%s', (set, count, worstPx) => {
      let pairs: PairFigures[];
      beforeAll(async () => {
        const files = await placeSet(path.join(sharedDir!, 'data/A_sets', set));
        pairs = files.flatMap((a, f) =>
          files.slice(f + 1).map((b) => comparePair(a, b, (file) => file.adjusted)),
        );
      }, 120_000);

      it('within 0.3 px in each pair, over all that both frames show', () => {
        expect(pairs).toHaveLength(count);
        for (const { pair, median } of pairs) expect(median, pair).toBeLessThan(0.3);
      });

      it('where a corner is further off, that of the affine fit is: the stars stand nearer to where we put them', () => {
        for (const { pair, worst, starsByWcs, starsByAffine, stars } of pairs) {
          expect(worst, pair).toBeLessThan(worstPx);
          expect(stars, pair).toBeGreaterThan(50);
          expect(starsByWcs, pair).toBeLessThan(starsByAffine + 0.01);
        }
      });
    });
  },
);
