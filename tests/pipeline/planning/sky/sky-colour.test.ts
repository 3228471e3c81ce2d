// The colour of the sky's changes comes from what neighbouring frames differ by, whatever the nebula that both show.
import { expect, it } from 'vitest';
import { skyColourOf } from '../../../../src/pipeline/planning/sky/sky-colour.js';
import type { FrameLevels } from '../../../../src/photometry/levels/level-observations.js';
import { seededNormal } from '../../../helpers/kernel-runs.js';

const SKY = [0.6, 0.7, 0.4];
const WIDTH = 12;

/** Frames of one field, `[channel][frame]`, under gradients of the colours given. */
function lists(gradientOf: (frame: number, channel: number) => readonly [number, number]): FrameLevels[][] {
  const normal = seededNormal(5);
  const node = Int32Array.from({ length: WIDTH * 10 }, (_, i) => i);
  const x = Float32Array.from(node, (n) => ((n % WIDTH) - 6) / WIDTH);
  const y = Float32Array.from(node, (n) => (Math.floor(n / WIDTH) - 5) / WIDTH);
  return SKY.map((_, c) =>
    [0, 1, 2, 3].map((f) => {
      const [gx, gy] = gradientOf(f, c);
      const nebula = (n: number) => [300, 60, 40][c] * Math.sin(n / 7);
      return {
        node,
        x,
        y,
        level: Float32Array.from(node, (n, i) => nebula(n) + gx * x[i] + gy * y[i] + normal()),
        sigma: new Float32Array(node.length).fill(1),
      };
    }),
  );
}

it('is found under a nebula of another one', () => {
  const colour = skyColourOf(
    lists((f, c) => [30 * (f - 1) ** 2 * SKY[c], -25 * f * SKY[c]]),
    WIDTH,
  )!;
  const length = Math.hypot(...SKY);
  colour.forEach((v, c) => expect(Math.abs(v - SKY[c] / length)).toBeLessThan(0.02));
});

it('is none where gradients have several, and none of a single frame', () => {
  expect(
    skyColourOf(
      lists((f, c) => [40 * Math.sin(7 * f + 2 * c), 40 * Math.cos(5 * f + 3 * c)]),
      WIDTH,
    ),
  ).toBeUndefined();
  const alone = lists(() => [10, 0]).map((frames) => frames.slice(0, 1));
  expect(skyColourOf(alone, WIDTH)).toBeUndefined();
});

it('is told by slopes along narrow overlaps, whose slopes across them are noise', () => {
  const colour = [0.71, 0.57, 0.42];
  const [shared, side, count] = [3, 12, 5];
  const blocksX = count * side;
  const normal = seededNormal(8);
  const errors = Array.from({ length: 20 }, () => {
    const gradients = Array.from({ length: count }, () => [5 * normal(), 5 * normal()]);
    const strips = colour.map((s) =>
      gradients.map(([gx, gy], f) => {
        const at = Array.from({ length: side * side }, (_, i) => [i % side, Math.floor(i / side)]);
        const x = Float32Array.from(at, ([i]) => (i - side / 2) / side);
        const y = Float32Array.from(at, ([, j]) => (j - side / 2) / side);
        return {
          node: Int32Array.from(at, ([i, j]) => j * blocksX + f * (side - shared) + i),
          x,
          y,
          level: Float32Array.from(at, (_, k) => s * (gx * x[k] + gy * y[k]) + 0.3 * normal()),
          sigma: new Float32Array(at.length).fill(0.3),
        };
      }),
    );
    const told = skyColourOf(strips, blocksX);
    return told ? Math.hypot(...told.map((v, c) => v - colour[c])) : Infinity;
  }).sort((a, b) => a - b);
  expect(errors[10]).toBeLessThan(0.04);
});
