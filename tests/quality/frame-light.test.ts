import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/demo/random.js';
import { frameLight } from '../../src/quality/frame-light.js';
import { stepEquations } from '../../src/quality/step-equations.js';

const FRAMES = 100;
const [WIDTH, HEIGHT, DITHER] = [800, 600, 40];
const NOISE = 0.2;

/** Two panels of dithered frames, steps at the edges, and the light of each: one plane. */
function steps() {
  const random = randomStream(3);
  const corners = Array.from({ length: FRAMES }, (_, f) => [
    (f % 2) * 650 + DITHER * random.uniform(),
    DITHER * random.uniform(),
  ]);
  const outlines = corners.map(([x, y]) =>
    Float64Array.of(x, y, x + WIDTH, y, x + WIDTH, y + HEIGHT, x, y + HEIGHT),
  );
  const places = corners.flatMap(([x, y], frame) =>
    [100, 250, 400, 500].flatMap((s) => [
      { x: x + s, y, frame, edge: 0, across: [0, -1] as const },
      { x: x + WIDTH, y: y + s, frame, edge: 1, across: [1, 0] as const },
      { x: x + s, y: y + HEIGHT, frame, edge: 2, across: [0, 1] as const },
      { x, y: y + s, frame, edge: 3, across: [-1, 0] as const },
    ]),
  );
  const known = places.map((place) => ({ ...place, step: [0], control: [NaN] }));
  const [equations] = stepEquations(outlines, [outlines.map(() => 0.7 + 0.6 * random.uniform())], known);
  const light = Float64Array.from(
    { length: 3 * FRAMES },
    (_, k) => (k % 3 === 0 ? 30 : 12) * random.normal(),
  );
  const controls = Array.from({ length: 200 }, () => NOISE * random.normal());
  const told = equations.map((equation) => ({ ...equation, step: predicted(equation, light) }));
  const noisy = told.map((equation) => ({ ...equation, step: equation.step + NOISE * random.normal() }));
  return { told, noisy, controls };
}

function predicted(
  { frames, factors }: { readonly frames: Int32Array; readonly factors: Float64Array },
  light: Float64Array,
): number {
  return factors.reduce((sum, factor, i) => sum + factor * light[3 * frames[Math.floor(i / 3)] + (i % 3)], 0);
}

describe('light of many frames', () => {
  test('is found in a number of looks at the equations that does not grow with them', () => {
    const { told, noisy, controls } = steps();
    expect(noisy.length).toBeGreaterThan(300);
    const { light, explained, looks } = frameLight(FRAMES, noisy, controls);

    expect(looks).toBeLessThan(400);
    expect(explained).toBeGreaterThan(0.5);
    const left = Math.hypot(...told.map((equation) => equation.step - predicted(equation, light)));
    expect(left).toBeLessThan(0.15 * Math.hypot(...told.map(({ step }) => step)));
  });
});
