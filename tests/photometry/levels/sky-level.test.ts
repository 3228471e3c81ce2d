// The level of plain sky under a nebula: its crowd may be a small one, and brighter ones are not taken for it.
import { describe, expect, it } from 'vitest';
import { fitSkyLevel } from '../../../src/photometry/levels/sky-level.js';
import { seededNormal } from '../../helpers/kernel-runs.js';

const SCATTER = 2;

/** 300 nodes about a sky of 900, of which the nebula lifts all but `plain`. */
function nodes(plain: number, nebula: (k: number) => number): Float64Array {
  const normal = seededNormal(5);
  return Float64Array.from({ length: 300 }, (_, k) => 900 + (k < plain ? 0 : nebula(k)) + SCATTER * normal());
}

const cases: readonly (readonly [string, Float64Array])[] = [
  ['all of it', nodes(300, () => 0)],
  ['a tenth, under a nebula that is brightest where it is widest', nodes(30, (k) => 2 * k)],
  ['a tenth, beside a bright even one', nodes(30, () => 250)],
  ['a fifth, under an even one not far above', nodes(60, () => 12)],
  ['a half, with a fringe that fades into it', nodes(150, (k) => ((k - 150) / 15) ** 2)],
];

describe('the level of the sky is that of', () => {
  it.each(cases)('%s', (_, values) => {
    const { level, found } = fitSkyLevel(values, SCATTER);
    expect(found).toBe(true);
    // Half of the scatter of one node.
    expect(Math.abs(level - 900)).toBeLessThan(1);
  });

  it('values without noise, which blanks do not change', () => {
    const values = [...new Array<number>(20).fill(7), NaN, ...Array.from({ length: 50 }, (_, k) => 9 + k)];
    expect(fitSkyLevel(values, 0)).toEqual({ level: 7, found: true });
  });

  it('nothing where values do not crowd: the darkest stand for it', () => {
    const spread = Float64Array.from({ length: 100 }, (_, k) => 1000 + 40 * k);
    expect(fitSkyLevel(spread, SCATTER)).toEqual({ level: 1200, found: false });
    // 30 to 200 above the sky: a nebula thins out to its darkest places, which are few
    const nebula = nodes(0, (k) => 30 + Math.sqrt(k / 300) * 170);
    const { level, found } = fitSkyLevel(nebula, SCATTER);
    expect(found).toBe(false);
    expect(level).toBe(nebula.sort()[15]);
    expect(fitSkyLevel([], SCATTER)).toEqual({ level: 0, found: false });
  });
});
