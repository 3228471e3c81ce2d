// A sky under a nebula that leaves no gap, told by colour: plane or quadratic, whatever the nebula's shape; and nothing where colours do not tell.
import { describe, expect, it } from 'vitest';
import { commonColour, fitNebulaColourSurface } from '../../src/photometry/nebula-colour-surface.js';
import { seededNormal } from '../helpers/kernel-runs.js';

const [NX, NY] = [33, 30];
const SCATTER = [2, 1.5, 1.5];
const x = Array.from({ length: NX * NY }, (_, i) => i % NX);
const y = Array.from({ length: NX * NY }, (_, i) => Math.floor(i / NX));
const NEBULA = [3, 1, 0.8];
const SKY = [1, 1.2, 0.8];
const surface = (i: number, j: number, bend: number) =>
  1.5 * (i - 16) - 0.8 * (j - 14.5) + bend * ((i - 16) ** 2 - 0.5 * (j - 14.5) ** 2);

function field(nebula: (x: number, y: number) => readonly number[], bend = 0): Float64Array[] {
  const normal = seededNormal(11);
  return SKY.map((sky, c) =>
    Float64Array.from(
      x,
      (_, k) => 700 + sky * surface(x[k], y[k], bend) + nebula(x[k], y[k])[c] + SCATTER[c] * normal(),
    ),
  );
}

const inOneColour = (brightness: (x: number, y: number) => number) => (i: number, j: number) =>
  NEBULA.map((n) => n * brightness(i, j));

const everywhere = inOneColour((i, j) => 60 + 2 * i + 30 * Math.sin(j / 4) + 25 * Math.cos(i / 2));

describe('the sky under', () => {
  it.each([
    ['a nebula with a slope of its own', everywhere],
    ['a bright ridge', inOneColour((i, j) => 40 + 200 * Math.exp(-((i - j) ** 2) / 30))],
    ['a nebula in one half', inOneColour((i) => 5 * Math.max(0, i - 15))],
  ])('%s', (_, nebula) => {
    const fit = fitNebulaColourSurface(field(nebula), x, y, SCATTER, SKY, 1);
    SKY.forEach((sky, c) => {
      // Two ADU over the whole field at most: the scatter of one node.
      expect(Math.abs(fit!.terms[c][0] - 1.5 * sky) * NX).toBeLessThan(2);
      expect(Math.abs(fit!.terms[c][1] + 0.8 * sky) * NY).toBeLessThan(2);
    });
  });

  it('is told to the second degree', () => {
    const fit = fitNebulaColourSurface(field(everywhere, 0.08), x, y, SCATTER, SKY, 2);
    const [, , xx, xy, yy] = fit!.terms[0];
    expect(Math.abs(xx - 0.08) * 16 ** 2).toBeLessThan(1.5);
    expect(Math.abs(xy) * 16 * 15).toBeLessThan(1.5);
    expect(Math.abs(yy + 0.04) * 15 ** 2).toBeLessThan(1.5);
  });

  it('a patch of another colour does not turn it', () => {
    const patch = (i: number, j: number) => (Math.hypot(i - 8, j - 8) < 5 ? [0, 20, 60] : [0, 0, 0]);
    const both = (i: number, j: number) => everywhere(i, j).map((v, c) => v + patch(i, j)[c]);
    const fit = fitNebulaColourSurface(field(both), x, y, SCATTER, SKY, 1);
    expect(Math.abs(fit!.terms[1][0] - 1.8) * NX).toBeLessThan(3);
  });
});

describe('nothing is told', () => {
  it('by a nebula whose colour changes over the field', () => {
    const mixed = (i: number, j: number) => [
      100 + 60 * Math.sin(i / 3),
      100 + 60 * Math.cos(j / 3),
      100 + 60 * Math.sin((i + j) / 4),
    ];
    expect(fitNebulaColourSurface(field(mixed), x, y, SCATTER, SKY, 1)).toBeUndefined();
  });

  it('by a nebula of the colour of the sky', () => {
    const grey = (i: number, j: number) => SKY.map((s) => s * everywhere(i, j)[1]);
    expect(fitNebulaColourSurface(field(grey), x, y, SCATTER, SKY, 1)).toBeUndefined();
  });

  it('without a nebula, from too few nodes, or from nodes on a line', () => {
    expect(
      fitNebulaColourSurface(
        field(() => [0, 0, 0]),
        x,
        y,
        [40, 40, 40],
        SKY,
        1,
      ),
    ).toBeUndefined();
    const few = field(everywhere).map((v) => v.subarray(0, 20));
    expect(fitNebulaColourSurface(few, x.slice(0, 20), y.slice(0, 20), SCATTER, SKY, 1)).toBeUndefined();
    const line = x.map(() => 3);
    expect(fitNebulaColourSurface(field(everywhere), line, y, SCATTER, SKY, 1)).toBeUndefined();
  });
});

it('the colour of what differs is told where there is one', () => {
  const normal = seededNormal(5);
  const vectors = Array.from({ length: 30 }, () => {
    const size = 40 * normal();
    return SKY.map((s) => s * size + normal());
  });
  const colour = commonColour(vectors, 0.9)!;
  const length = Math.hypot(...SKY);
  colour.forEach((v, c) => expect(Math.abs(v - SKY[c] / length)).toBeLessThan(0.02));
  const many = Array.from({ length: 30 }, () => [40 * normal(), 40 * normal(), 40 * normal()]);
  expect(commonColour(many, 0.9)).toBeUndefined();
});
