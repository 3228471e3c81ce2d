import { expect, it } from 'vitest';
import { randomStream } from '../../src/demo/random.js';
import { SamplePasses } from '../../src/simd/sample-passes.js';
import { starGrid } from '../../src/simd/star-grid.js';

const RADIUS = 1.5;

it('Places get the number of the nearest one that has any within reach, and else a new one', () => {
  const random = randomStream(8);
  const count = 1000;
  const places = ['x', 'y', 'z'].map(() => Float64Array.from({ length: count }, () => 7 * random.normal()));
  const [x, y, z] = places;
  const known: number[] = [];
  const wanted = Array.from({ length: count }, (_, k) => {
    const apart = known.map((of) => Math.hypot(x[of] - x[k], y[of] - y[k], z[of] - z[k]));
    const least = apart.reduce((a, b) => Math.min(a, b), Infinity);
    return least <= RADIUS ? apart.indexOf(least) : known.push(k) - 1;
  });
  expect(known.length).toBeLessThan(count - 100);
  const memory = new SamplePasses();
  const grid = starGrid(memory, count, RADIUS);
  const at = places.map(() => memory.take(8 * count));
  const numbers = memory.take(4 * count);
  places.forEach((values, k) => new Float64Array(memory.buffer, at[k], count).set(values));
  memory.passes.starGridNumber(grid.at, at[0], at[1], at[2], count, RADIUS, numbers);
  expect(Array.from(new Uint32Array(memory.buffer, numbers, count))).toEqual(wanted);
});
